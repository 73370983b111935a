import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { adoptedLabs } from './adopted-case.js';
import { bursts } from './burst-cases.js';
import type { ClusterKind } from './cluster-process.js';
import { table, type Figure } from './figures.js';
import { FILES_PUBLISHED, FILES_SECTION, fileServers } from './file-cases.js';
import { Floor } from './floor.js';
import { imageMenus } from './image-cases.js';
import { BenchLabs } from './labs.js';
import { NARROW_QUEUE, flyingSpawns, narrowQueue, openStreams } from './load-cases.js';
import { prepulls } from './prepull-cases.js';
import { BenchPlatform, benchUser, type ConfigParts } from './platform.js';
import { divideProcessors } from './processors.js';
import { statusReads } from './read-cases.js';
import { FULL, LARGE, QUICK } from './scale.js';
import { settledLabs, stoppedRecords } from './settled-cases.js';
import { latency, requests } from './spawn-cases.js';

const USAGE = `Usage: npm run bench -- [--quick | --large] [--real [--shared]] [--only CASE,...] [--json FILE]
Cases: requests, latency, bursts, reads, paced, settled, flying, adopted, queue, streams, stopped, files, images, prepulls.
paced: the bursts on an API server that makes 1,000 writes a second, as a real one may; queue: there, and at the cluster's full speed.
--real: on a real control plane, which needs Go once, with raised limits of its controllers. Two cases more: second, with containers
that take a second to start, and stock, the bursts with stock limits, beside floors that wait for the service account.
It has one half of the processors and all else the other, unless they are --shared.
BENCH_NODE_OPTIONS are given to the controller's Node, for a profile.`;

interface Options {
  readonly size: 'full' | 'quick' | 'large';
  readonly wanted: (name: string) => boolean;
  readonly json: string;
  readonly real: boolean;
  readonly shared: boolean;
}

function options(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        large: { type: 'boolean', default: false },
        real: { type: 'boolean', default: false },
        shared: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'string', default: '.cache/bench.json' },
      },
    });
    const only = values.only?.split(',');
    return {
      size: values.quick ? 'quick' : values.large ? 'large' : 'full',
      wanted: (name) => only?.includes(name) ?? true,
      json: values.json,
      real: values.real,
      shared: values.shared,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

const SCALES = { full: FULL, quick: QUICK, large: LARGE };

const figures: Figure[] = [];

/** A case, and what it found, at once on the terminal. */
async function tell(name: string, measure: () => Promise<readonly Figure[]>): Promise<void> {
  if (!wanted(name)) return;
  const found = await measure();
  console.log(`\n${name}\n${table(found)}`);
  figures.push(...found);
}

/** Runs `cases` on a platform of their own. */
async function on(users: number, kind: ClusterKind, cases: Cases, parts?: ConfigParts): Promise<void> {
  const platform = await BenchPlatform.start(users, kind, parts, processors);
  const labs = new BenchLabs(platform.url);
  try {
    await cases(platform, labs);
  } finally {
    await labs.close();
    await platform.close();
  }
}

/** The floor for a platform that has come to rest. */
async function floorBeside(platform: BenchPlatform, labs: BenchLabs, waits = false): Promise<Floor> {
  const model = benchUser(0);
  await labs.spawn(model);
  await platform.settled();
  return Floor.after(platform.addresses.api, model, waits);
}

type Cases = (platform: BenchPlatform, labs: BenchLabs) => Promise<void>;

const spawnCases: Cases = async (platform, labs) => {
  const floor = await floorBeside(platform, labs);
  const overhead = { factor: 1.3, plus: real ? 0 : 50 };
  await tell('requests', () => requests(platform, labs));
  await tell('latency', () => latency(platform, labs, floor, { ...scale, ...overhead }));
  await tell('bursts', () => bursts(platform, floor, scale));
  await tell('reads', () => statusReads(platform, labs, scale));
  await floor.close();
};

const pacedCase: Cases = async (platform, labs) => {
  const floor = await floorBeside(platform, labs);
  await tell('paced', () => bursts(platform, floor, scale));
  await floor.close();
};

const secondCase: Cases = async (platform, labs) => {
  const floor = await floorBeside(platform, labs);
  await tell('second', () => latency(platform, labs, floor, { ...scale, factor: 1.15, plus: 0 }));
  await floor.close();
};

/** What limits there are binds a crowd, not one lab. */
const stockCase: Cases = async (platform, labs) => {
  const floor = await floorBeside(platform, labs, true);
  await tell('stock', () => bursts(platform, floor, scale));
  await floor.close();
};

const queueCase: Cases = async (platform, labs) => {
  const floor = await floorBeside(platform, labs);
  await tell('queue', () => narrowQueue(platform, labs, floor, scale));
  await floor.close();
};

const { size, wanted, json, real, shared } = options(process.argv.slice(2));
const scale = SCALES[size];
// A real control plane keeps what each burst made, those of both floors too.
const people = 100 + (scale.bursts * (real ? 3 : 1) + 1) * scale.burst;
const plain = real ? 'real' : 'embedded';
const machine = `${String(cpus().length)} x ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`;
const load = (): string => `load ${loadavg()[0]?.toFixed(1) ?? ''}`;
const processors = real && !shared ? divideProcessors() : undefined;
const own = processors ? ` on processors ${processors.cluster}, all else on ${processors.others}` : '';
const cluster = `${real ? 'a real control plane' : 'the embedded cluster'}${own}`;
console.log(`${machine}, ${load()}, ${cluster}`);
if (wanted('images')) await tell('images', () => imageMenus());
if (wanted('prepulls') && !real)
  await on(1, 'fleet', (platform) => tell('prepulls', () => prepulls(platform)));
if (['requests', 'latency', 'bursts', 'reads'].some(wanted)) await on(people, plain, spawnCases);
if (wanted('paced') && !real) await on(people, 'paced', pacedCase);
if (wanted('second') && real) await on(people, 'real-second', secondCase);
if (wanted('stock') && real) await on(people, 'real-stock', stockCase);
// On platforms of their own, so that "empty" is empty.
if (wanted('settled')) {
  // Ten thousand would take a real control plane twenty minutes to make.
  const settled = scale.settled.filter((count) => !real || count <= 3_000);
  await on(100 + (settled.at(-1) ?? 0), plain, (platform, labs) =>
    tell('settled', () => settledLabs(platform, labs, settled)),
  );
}
if (wanted('flying'))
  await on(100 + scale.flying, plain, (platform, labs) =>
    tell('flying', () => flyingSpawns(platform, labs, scale)),
  );
if (wanted('adopted'))
  await on(100 + scale.adopted, plain, (platform, labs) =>
    tell('adopted', () => adoptedLabs(platform, labs, scale)),
  );
if (wanted('queue'))
  for (const kind of real ? (['real'] as const) : (['embedded', 'paced'] as const))
    await on(100 + 3 * scale.queued, kind, queueCase, NARROW_QUEUE);
if (wanted('streams'))
  await on(100 + scale.streams, plain, (platform, labs) =>
    tell('streams', () => openStreams(platform, labs, scale)),
  );
if (wanted('stopped') && scale.stopped > 0)
  await on(1, plain, (platform, labs) => tell('stopped', () => stoppedRecords(platform, labs, scale)));
if (wanted('files') && !real) {
  const parts = { config: FILES_SECTION, berth: FILES_PUBLISHED };
  const platform = await BenchPlatform.start(scale.files, 'embedded', parts);
  await tell('files', () => fileServers(platform, scale));
  await platform.close();
}
mkdirSync(dirname(json), { recursive: true });
writeFileSync(
  json,
  JSON.stringify({ machine, date: new Date().toISOString(), size, real, processors, figures }, null, 2),
);
console.log(`\n${load()}; written to ${json}`);

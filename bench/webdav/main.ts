import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request, Agent } from 'undici';
import { median, table, timed, type Figure } from '../figures.js';
import { startNginx, startOurs, type Server } from './servers.js';

const USAGE = `Usage: npm run bench:webdav -- [--quick]
Our WebDAV server beside nginx's module, in turns, on the same disk. Needs Go; without nginx ours is measured alone.`;

interface Scale {
  readonly largeMiB: number;
  readonly files: number;
  readonly rounds: number;
}

const FULL: Scale = { largeMiB: 1024, files: 4000, rounds: 5 };
const QUICK: Scale = { largeMiB: 64, files: 500, rounds: 1 };
const SMALL = Buffer.alloc(4096, 'x');
const PARALLEL = 8;

const agent = new Agent({ connections: PARALLEL, pipelining: 1 });

/** Sends one request and reads its answer to the end. */
async function ask(method: string, url: string, body?: Buffer): Promise<void> {
  const answer = await request(url, {
    method: method as 'GET',
    dispatcher: agent,
    headers: method === 'PROPFIND' ? { depth: '1' } : {},
    ...(body ? { body } : {}),
  });
  await answer.body.dump({ limit: Number.MAX_SAFE_INTEGER });
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode}`);
}

async function eachFile(files: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files) await work(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** curl moves bytes with less work than we could, so that the server is what is measured. */
function curl(...args: string[]): Promise<unknown> {
  return Promise.resolve(execFileSync('curl', ['-sS', '--fail', '-o', '/dev/null', ...args]));
}

type Samples = Map<string, number[]>;

async function round({ url }: Server, scale: Scale, samples: Samples): Promise<void> {
  const note = async (name: string, amount: number, work: () => Promise<unknown>): Promise<void> => {
    const seconds = (await timed(work)) / 1000;
    samples.set(name, [...(samples.get(name) ?? []), amount / seconds]);
  };
  const large = join(scratch, 'large');
  await note('PUT of one large file, MiB/s', scale.largeMiB, () => curl('-T', large, `${url}/large`));
  await note('GET of it, MiB/s', scale.largeMiB, () => curl(`${url}/large`));
  await ask('MKCOL', `${url}/many/`);
  const name = (index: number): string => `${url}/many/f${index}`;
  await note('PUT of 4 KiB files, /s', scale.files, () =>
    eachFile(scale.files, (index) => ask('PUT', name(index), SMALL)),
  );
  await note('GET of them, /s', scale.files, () => eachFile(scale.files, (index) => ask('GET', name(index))));
  await note('entries listed by PROPFIND, /s', scale.files, () => ask('PROPFIND', `${url}/many/`));
  await ask('DELETE', `${url}/many/`);
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const scale = values.quick ? QUICK : FULL;
execFileSync(join(process.cwd(), 'utility', 'build.sh'), ['--program-only'], { stdio: 'inherit' });
const scratch = mkdtempSync(join(tmpdir(), 'berth-webdav-'));

async function main(): Promise<void> {
  const megabyte = randomBytes(1024 ** 2);
  for (let count = 0; count < scale.largeMiB; count += 1) appendFileSync(join(scratch, 'large'), megabyte);
  const servers = [await startOurs(join(scratch, 'ours'))];
  if (existsSync('/usr/sbin/nginx')) servers.push(await startNginx(join(scratch, 'nginx')));
  else console.log(`${USAGE}\n`);
  const samples = new Map(servers.map(({ name }): [string, Samples] => [name, new Map<string, number[]>()]));
  try {
    // In turns, so that a change of the machine's mood meets both.
    for (let count = 0; count < scale.rounds; count += 1) {
      for (const server of servers)
        await round(server, scale, samples.get(server.name) ?? new Map<string, number[]>());
    }
    for (const server of servers) report(server, samples.get(server.name) ?? new Map<string, number[]>());
  } finally {
    for (const server of servers) await server.stop();
    await agent.close();
  }
}

function report(server: Server, samples: Samples): void {
  const figures: Figure[] = [...samples].map(([name, values]) => ({ name, value: median(values), unit: '' }));
  figures.push({ name: 'most memory', value: server.peakMiB(), unit: 'MiB' });
  console.log(`\n${server.name}\n${table(figures)}`);
}

try {
  const model = cpus()[0]?.model ?? '';
  console.log(
    `${cpus().length} cores (${model}), Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  );
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

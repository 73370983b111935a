import { pooled } from '../test/support/work.js';
import { BareClient } from './api.js';
import { Churn } from './churn.js';
import { timed, type Figure } from './figures.js';
import { CROWD, type BenchLabs } from './labs.js';
import { benchUser, benchUsers, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { templatesOf } from './templates.js';
import { requestsOf, writesOf } from './writes.js';

const LOOK = 10_000;
const WARM_UP = 20_000;
/** As many as a configuration may list where people come from an identity provider; everybody who spawns here is listed. */
const FEW = 10;

interface Usage {
  readonly memory: number;
  readonly share: number;
}

/** What growing crowds of settled labs cost, and how soon a new process knows them. */
export async function settledLabs(
  platform: BenchPlatform,
  labs: BenchLabs,
  settled: readonly number[],
): Promise<Figure[]> {
  await platform.settled();
  const figures = [...(await restartFigures(platform, 'no labs', 'under 171 MiB (design)'))];
  let there = 0;
  for (const size of settled) {
    const cpu = await platform.controller.cpuMs();
    await labs.crowd(benchUsers(100 + there, size - there));
    const spawnCpu = ((await platform.controller.cpuMs()) - cpu) / (size - there);
    there = size;
    figures.push(
      { name: `CPU of a spawn, up to ${String(size)} labs`, value: spawnCpu, unit: 'ms' },
      ...(await settledFigures(platform, `${String(size)} settled labs`)),
    );
  }
  return figures;
}

async function settledFigures(platform: BenchPlatform, what: string): Promise<readonly Figure[]> {
  await settle(5_000);
  await platform.counts();
  const full = await usage(platform);
  const writes = writesOf('berth', await platform.counts());
  const churned = await churnFigures(platform, what);
  return [
    { name: `memory, ${what}`, value: full.memory, unit: 'MiB', budget: `under 512 MiB${FOR_3000}` },
    { name: `CPU, ${what}`, value: full.share, unit: '% of a core', budget: `under 5 %${FOR_3000}` },
    { name: `writes in ten seconds, ${what}`, value: writes, unit: '', budget: 'none' },
    ...churned,
    ...(await restartFigures(platform, what)),
  ];
}

/** The same while the cluster around them is busy with itself. */
async function churnFigures(platform: BenchPlatform, what: string): Promise<readonly Figure[]> {
  const churn = await Churn.among(platform.addresses.api);
  // It goes on for ever: what is asked is not what it costs to compile the code that it wakes.
  await churn.go(WARM_UP);
  const before = churn.deeds;
  await platform.counts();
  const [busy] = await Promise.all([usage(platform), churn.go(LOOK)]);
  const counts = await platform.counts();
  await churn.close();
  const rate = (1_000 * (churn.deeds - before)) / LOOK;
  return [
    { name: `churn around ${what}: changes a second`, value: rate, unit: '/s' },
    { name: 'memory', value: busy.memory, unit: 'MiB', budget: `under 512 MiB${FOR_3000}` },
    { name: 'CPU', value: busy.share, unit: '% of a core', budget: `under 5 %${FOR_3000}` },
    { name: 'writes in ten seconds', value: writesOf('berth', counts), unit: '', budget: 'none' },
  ];
}

/** A restart with few users listed, and what the new process takes after it; ends with one that knows everybody. */
async function restartFigures(
  platform: BenchPlatform,
  what: string,
  memory?: string,
): Promise<readonly Figure[]> {
  await platform.list(FEW);
  await platform.counts();
  const wall = await timed(() => platform.restart());
  const cpu = await platform.controller.cpuMs();
  const requests = requestsOf('berth', await platform.counts());
  const fresh = await usage(platform);
  await platform.list();
  await platform.restart();
  return [
    {
      name: `restart with ${what}: ready after`,
      value: wall,
      unit: 'ms',
      budget: `under 2,000 ms for 500, 5,000${FOR_3000}`,
    },
    { name: 'processor time of it', value: cpu, unit: 'ms' },
    { name: 'requests of it', value: requests, unit: '', budget: 'under 20 (for 500)' },
    { name: 'memory after it', value: fresh.memory, unit: 'MiB', ...(memory && { budget: memory }) },
    { name: 'CPU after it', value: fresh.share, unit: '% of a core' },
  ];
}

const FOR_3000 = ' (design, for 3,000)';

/** What records of stopped labs add to a process that starts with them. */
export async function stoppedRecords(
  platform: BenchPlatform,
  labs: BenchLabs,
  { stopped }: Scale,
): Promise<Figure[]> {
  const model = benchUser(0);
  const client = new BareClient(platform.addresses.api);
  await labs.spawn(model);
  const { record } = await templatesOf(client, model);
  await labs.remove(model);
  await platform.restart();
  const before = await usage(platform);
  const text = filed(record.text);
  const names = Array.from({ length: stopped }, (_, index) => `gone-${String(index)}`);
  await pooled(names, (name) => write(client, record.path, text.replaceAll(model, name)), CROWD);
  await client.close();
  const restart = await timed(() => platform.restart());
  const after = await usage(platform);
  const what = `${String(stopped)} stopped records`;
  return [
    {
      name: `memory that ${what} add`,
      value: after.memory - before.memory,
      unit: 'MiB',
      budget: 'under 64 MiB (design, for 20,000)',
    },
    { name: `restart with ${what}: ready after`, value: restart, unit: 'ms' },
  ];
}

/** A record as the last write of a stop leaves it. */
function filed(text: string): string {
  const lab = JSON.parse(text) as { metadata: { labels?: object }; spec: object };
  const labels = { ...lab.metadata.labels, 'berth.dev/state': 'stopped' };
  return JSON.stringify({
    ...lab,
    metadata: { ...lab.metadata, labels },
    spec: { ...lab.spec, desiredState: 'stopped' },
  });
}

async function write(client: BareClient, path: string, body: string): Promise<void> {
  const answer = await client.call(`/${path}`, { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`A record was refused: ${JSON.stringify(answer.body)}`);
}

async function usage({ controller }: BenchPlatform): Promise<Usage> {
  const before = await controller.cpuMs();
  await settle(LOOK);
  const share = (100 * ((await controller.cpuMs()) - before)) / LOOK;
  return { memory: await controller.memoryMiB(), share };
}

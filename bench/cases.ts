import { median, percentile, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import { BenchLabs } from './labs.js';
import { benchUser, type BenchPlatform } from './platform.js';

/** How much of everything; `quick` is for trying the benchmark itself. */
export interface Scale {
  readonly pairs: number;
  readonly burst: number;
  readonly settled: number;
  readonly reads: number;
}

const WRITES = /^berth (create|update|patch|delete|deletecollection) /;
const isWrite = (key: string): boolean => WRITES.test(key) && !/ leases$|reviews$/.test(key);
const LAG = 'nodejs_eventloop_lag_max_seconds';

/** Requests of one spawn and one stop, by verb. */
export async function requests(platform: BenchPlatform, labs: BenchLabs): Promise<Figure[]> {
  const user = benchUser(1);
  await platform.counts();
  await labs.spawn(user);
  await settle(1_500);
  const spawned = await platform.counts();
  await labs.remove(user);
  await settle(1_500);
  const stopped = await platform.counts();
  return [...byVerb('spawn', spawned), ...byVerb('stop', stopped)];
}

function byVerb(what: string, counts: Readonly<Record<string, number>>): Figure[] {
  const verbs = new Map<string, number>();
  for (const [key, count] of Object.entries(counts)) {
    const [who, verb = '', resource = ''] = key.split(' ');
    if (who !== 'berth' || verb === 'watch' || resource === 'leases') continue;
    verbs.set(verb, (verbs.get(verb) ?? 0) + count);
  }
  return [...verbs].map(([verb, value]) => ({ name: `requests of a ${what}: ${verb}`, value, unit: '' }));
}

/** POST to `complete` against the floor, one of each in turn. */
export async function latency(labs: BenchLabs, floor: Floor, pairs: number): Promise<Figure[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const user = benchUser(2 + pair);
    ours.push(await timed(() => labs.spawn(user)));
    await labs.remove(user);
    bare.push(await timed(() => floor.spawn(user, false)));
    await floor.remove(user);
    await settle(150);
  }
  const limit = 1.3 * median(bare) + 50;
  return [
    {
      name: 'one spawn, POST to complete (median)',
      value: median(ours),
      unit: 'ms',
      budget: `at most ${limit.toFixed(1)} ms`,
    },
    { name: 'the floor: a bare client (median)', value: median(bare), unit: 'ms' },
    {
      name: 'spawn over floor',
      value: median(ours) / median(bare),
      unit: 'x',
      budget: 'at most 1.3 x floor + 50 ms',
    },
  ];
}

/** Everybody at once, then the floor with as many writes. */
export async function burst(platform: BenchPlatform, floor: Floor, size: number): Promise<Figure[]> {
  const labs = new BenchLabs(platform.url);
  const users = Array.from({ length: size }, (_, index) => benchUser(100 + index));
  await platform.counts();
  const cpuBefore = await platform.cpuMs();
  const results: PromiseSettledResult<void>[] = [];
  const wall = await timed(async () => {
    results.push(...(await Promise.allSettled(users.map((user) => labs.spawn(user)))));
  });
  const cpu = (await platform.cpuMs()) - cpuBefore;
  const counts = await platform.counts();
  const refused = results.filter(({ status }) => status === 'rejected').length;
  await Promise.all(users.map((user) => labs.remove(user)));
  await settle(2_000);
  const floorWall = await timed(() => Promise.all(users.map((user) => floor.spawn(user, true))));
  await Promise.all(users.map((user) => floor.remove(user)));
  await labs.close();
  const writes = Object.entries(counts)
    .filter(([key]) => isWrite(key))
    .reduce((sum, [, count]) => sum + count, 0);
  return [
    { name: `${String(size)} spawns at once: refused or failed`, value: refused, unit: '', budget: 'none' },
    { name: `${String(size)} spawns at once: wall`, value: wall, unit: 'ms' },
    { name: 'the floor with as many writes: wall', value: floorWall, unit: 'ms' },
    { name: 'wall over floor', value: wall / floorWall, unit: 'x', budget: 'at most 1.2' },
    { name: 'writes per spawn in the burst', value: writes / size, unit: '' },
    { name: 'CPU per spawn in the burst', value: cpu / size, unit: 'ms' },
  ];
}

/** Status reads while nothing happens, and while labs are being spawned. */
export async function statusReads(platform: BenchPlatform, labs: BenchLabs, scale: Scale): Promise<Figure[]> {
  const user = benchUser(0);
  const idle = await readFor(labs, user, scale.reads);
  await platform.metric(LAG);
  const spawners = Array.from({ length: Math.min(50, scale.burst) }, (_, index) => benchUser(100 + index));
  const spawning = Promise.all(spawners.map((each) => labs.spawn(each)));
  const busy = await readFor(labs, user, scale.reads);
  await spawning;
  const stall = await platform.metric(LAG);
  await Promise.all(spawners.map((each) => labs.remove(each)));
  return [
    { name: 'status reads, idle', value: (1_000 * idle.samples.length) / idle.wall, unit: '/s' },
    { name: 'status read p99, idle', value: percentile(idle.samples, 0.99), unit: 'ms' },
    {
      name: 'status read p99, while 50 spawns run',
      value: percentile(busy.samples, 0.99),
      unit: 'ms',
      budget: 'at most five times idle (design, for 1,000)',
    },
    {
      name: 'longest event-loop stall meanwhile',
      value: 1_000 * (stall ?? NaN),
      unit: 'ms',
      budget: 'under 20 ms',
    },
  ];
}

async function readFor(
  labs: BenchLabs,
  user: string,
  count: number,
): Promise<{ samples: number[]; wall: number }> {
  const samples: number[] = [];
  let left = count;
  const reader = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      samples.push(await timed(() => labs.status(user)));
    }
  };
  const wall = await timed(() => Promise.all(Array.from({ length: 8 }, reader)));
  return { samples, wall };
}

/** What a crowd of settled labs costs. */
export async function settledLabs(platform: BenchPlatform, labs: BenchLabs, size: number): Promise<Figure[]> {
  const empty = await usage(platform);
  const users = Array.from({ length: size }, (_, index) => benchUser(100 + index));
  for (let start = 0; start < size; start += 50) {
    await Promise.all(users.slice(start, start + 50).map((user) => labs.spawn(user)));
  }
  await settle(5_000);
  await platform.counts();
  const full = await usage(platform);
  const counts = await platform.counts();
  const writes = Object.entries(counts)
    .filter(([key]) => isWrite(key))
    .reduce((sum, [, count]) => sum + count, 0);
  return [
    { name: 'memory, empty', value: empty.memory, unit: 'MiB' },
    { name: 'CPU, empty', value: empty.share, unit: '% of a core' },
    {
      name: `memory, ${String(size)} settled labs`,
      value: full.memory,
      unit: 'MiB',
      budget: 'under 512 MiB (design, for 3,000)',
    },
    {
      name: `CPU, ${String(size)} settled labs`,
      value: full.share,
      unit: '% of a core',
      budget: 'under 5 % (design, for 3,000)',
    },
    { name: 'writes of settled labs in ten seconds', value: writes, unit: '', budget: 'none' },
  ];
}

async function usage(platform: BenchPlatform): Promise<{ memory: number; share: number }> {
  const before = await platform.cpuMs();
  await settle(10_000);
  const share = ((await platform.cpuMs()) - before) / 100;
  return { memory: await platform.memoryMiB(), share };
}

const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

import { median, percentile, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import { BenchLabs, type Spawned } from './labs.js';
import { benchUsers, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { writesOf } from './writes.js';

interface Round {
  readonly wall: number;
  readonly cpu: number;
  readonly clusterCpu: number;
  readonly writes: number;
}

/** Everybody at once, then the floors with as many writes and with none of its own, in turn. */
export async function bursts(platform: BenchPlatform, floor: Floor, scale: Scale): Promise<Figure[]> {
  const users = benchUsers(100, scale.burst);
  const labs = new BenchLabs(platform.url);
  const spawned: PromiseSettledResult<Spawned>[] = [];
  const rounds: Record<'ours' | 'same' | 'bare', Round[]> = { ours: [], same: [], bare: [] };
  for (let turn = 0; turn < scale.bursts; turn += 1) {
    const spawnAll = async (): Promise<void> => {
      spawned.push(...(await Promise.allSettled(users.map((user) => labs.spawn(user)))));
    };
    rounds.ours.push(await round(platform, 'berth', spawnAll));
    await removeAll(labs, users);
    const floorOf = (sameWrites: boolean) => (): Promise<unknown> =>
      Promise.all(users.map((user) => floor.spawn(user, sameWrites)));
    rounds.same.push(await round(platform, 'floor', floorOf(true)));
    await floor.remove(users);
    rounds.bare.push(await round(platform, 'floor', floorOf(false)));
    await floor.remove(users);
    await settle(1_000);
  }
  await labs.close();
  return [...wallFigures(rounds, scale.burst), ...answerFigures(spawned, rounds, scale.burst)];
}

async function round(
  platform: BenchPlatform,
  who: 'berth' | 'floor',
  work: () => Promise<unknown>,
): Promise<Round> {
  await platform.counts();
  const cpu = await platform.controller.cpuMs();
  const clusterCpu = await platform.clusterCpuMs();
  const wall = await timed(work);
  return {
    wall,
    cpu: (await platform.controller.cpuMs()) - cpu,
    clusterCpu: (await platform.clusterCpuMs()) - clusterCpu,
    writes: writesOf(who, await platform.counts()),
  };
}

/** A lab that failed to start may be gone already; the next round would show what was left. */
async function removeAll(labs: BenchLabs, users: readonly string[]): Promise<void> {
  await Promise.allSettled(users.map((user) => labs.remove(user)));
  await settle(1_000);
}

type Rounds = Readonly<Record<'ours' | 'same' | 'bare', readonly Round[]>>;

function wallFigures(rounds: Rounds, size: number): Figure[] {
  const wall = (which: keyof Rounds): number => median(rounds[which].map((each) => each.wall));
  const ratio = (which: 'same' | 'bare'): number =>
    median(rounds.ours.map((each, turn) => each.wall / (rounds[which][turn]?.wall ?? NaN)));
  return [
    { name: `${String(size)} spawns at once: wall`, value: wall('ours'), unit: 'ms' },
    { name: 'floor with as many writes: wall', value: wall('same'), unit: 'ms' },
    { name: 'bare floor: wall', value: wall('bare'), unit: 'ms' },
    { name: 'wall over floor with as many writes', value: ratio('same'), unit: 'x', budget: 'at most 1.2' },
    { name: 'wall over bare floor', value: ratio('bare'), unit: 'x', budget: 'at most 1.6 (design)' },
  ];
}

type Each = (which: keyof Rounds, what: 'cpu' | 'clusterCpu' | 'writes') => number;

const writeFigures = (each: Each): Figure[] => [
  { name: 'writes per spawn', value: each('ours', 'writes'), unit: '' },
  { name: 'writes per spawn of the floor with as many', value: each('same', 'writes'), unit: '' },
];

function answerFigures(
  spawned: readonly PromiseSettledResult<Spawned>[],
  rounds: Rounds,
  size: number,
): Figure[] {
  const good = spawned.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const each: Each = (which, what) => median(rounds[which].map((one) => one[what])) / size;
  const p99 = (samples: readonly number[]): number => percentile(samples, 0.99);
  return [
    { name: 'refused or failed', value: spawned.length - good.length, unit: '', budget: 'none' },
    { name: 'POST to its answer p99', value: p99(good.map((one) => one.accepted)), unit: 'ms' },
    { name: 'stream opened p99', value: p99(good.map((one) => one.opened)), unit: 'ms' },
    // A real control plane is not asked for its account.
    ...(each('ours', 'writes') === 0 ? [] : writeFigures(each)),
    { name: 'CPU of Berth per spawn', value: each('ours', 'cpu'), unit: 'ms' },
    { name: 'CPU of the cluster per spawn', value: each('ours', 'clusterCpu'), unit: 'ms' },
    {
      name: 'CPU of the cluster per spawn of that floor',
      value: each('same', 'clusterCpu'),
      unit: 'ms',
    },
  ];
}

import { cpuOf } from './controller.js';
import { median, percentile, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import { BenchLabs, type Spawned } from './labs.js';
import { benchUsers, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { requestsOf, writesOf } from './writes.js';

interface Round {
  readonly wall: number;
  /** After which half of them had their lab. */
  readonly half: number;
  /** Of Berth, or of the floor, whose process is this one. */
  readonly cpu: number;
  readonly clusterCpu: number;
  readonly requests: number;
  readonly writes: number;
}

/**
 * Everybody at once, and the floors with as many writes and with none of its own, in an order that goes round: whoever is
 * first on a fresh control plane pays for its small heap, which it clears three times as often as that of the third.
 */
export async function bursts(platform: BenchPlatform, floor: Floor, scale: Scale): Promise<Figure[]> {
  const labs = new BenchLabs(platform.url);
  const spawned: PromiseSettledResult<Spawned>[] = [];
  const rounds: Record<Which, Round[]> = { ours: [], same: [], bare: [] };
  const ours = async (users: readonly string[]): Promise<void> => {
    const spawn = async (user: string): Promise<void> => {
      spawned.push(...(await Promise.allSettled([labs.spawn(user)])));
    };
    rounds.ours.push(await round(platform, undefined, { users, spawn }));
    await removeAll(platform, labs, users);
  };
  const floors = async (which: 'same' | 'bare', users: readonly string[]): Promise<void> => {
    const people = users.map((user) => `${user}-${which}`);
    const spawn = (user: string): Promise<void> => floor.spawn(user, which === 'same');
    rounds[which].push(await round(platform, floor, { users: people, spawn }));
    if (!platform.isReal) await floor.remove(people);
  };
  for (let turn = 0; turn < scale.bursts; turn += 1) {
    const users = benchUsers(100 + turn * scale.burst, scale.burst);
    const first = turn % ORDER.length;
    for (const which of [...ORDER.slice(first), ...ORDER.slice(0, first)]) {
      if (which === 'ours') await ours(users);
      else await floors(which, users);
    }
    await settle(1_000);
  }
  await labs.close();
  return [
    ...wallFigures(rounds, scale.burst),
    ...answerFigures(spawned),
    ...(['ours', 'same', 'bare'] as const).flatMap((which) => costFigures(rounds, which, scale.burst)),
  ];
}

interface Crowd {
  readonly users: readonly string[];
  readonly spawn: (user: string) => Promise<void>;
}

async function round(
  platform: BenchPlatform,
  floor: Floor | undefined,
  { users, spawn }: Crowd,
): Promise<Round> {
  await platform.counts();
  const before = await usage(platform, floor);
  const took: number[] = [];
  const spawnOne = async (user: string): Promise<void> => {
    took.push(await timed(() => spawn(user)));
  };
  const wall = await timed(() => Promise.all(users.map(spawnOne)));
  const after = await usage(platform, floor);
  const counts = await platform.counts();
  return {
    wall,
    half: median(took),
    cpu: after.cpu - before.cpu,
    clusterCpu: after.clusterCpu - before.clusterCpu,
    requests: floor ? floor.requests - before.requests : requestsOf('berth', counts),
    writes: writesOf(floor ? 'floor' : 'berth', counts),
  };
}

async function usage(
  platform: BenchPlatform,
  floor: Floor | undefined,
): Promise<Omit<Round, 'wall' | 'half' | 'writes'>> {
  return {
    cpu: await (floor ? cpuOf(process.pid) : platform.controller.cpuMs()),
    clusterCpu: await platform.clusterCpuMs(),
    requests: floor?.requests ?? 0,
  };
}

/**
 * A lab that failed to start may be gone already; the next round would show what was left. A real control plane works for
 * minutes to remove what one burst made: there it stays.
 */
async function removeAll(platform: BenchPlatform, labs: BenchLabs, users: readonly string[]): Promise<void> {
  if (!platform.isReal) await Promise.allSettled(users.map((user) => labs.remove(user)));
  await settle(1_000);
}

type Which = 'ours' | 'same' | 'bare';
const ORDER: readonly Which[] = ['same', 'ours', 'bare'];
type Rounds = Readonly<Record<Which, readonly Round[]>>;

function wallFigures(rounds: Rounds, size: number): Figure[] {
  const wall = (which: Which): number => median(rounds[which].map((each) => each.wall));
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

const CALLERS = {
  ours: 'Berth',
  same: 'the floor with as many writes',
  bare: 'the bare floor',
} as const;

/** What one caller cost; a real control plane does not tell the writes of a floor. */
function costFigures(rounds: Rounds, which: Which, size: number): Figure[] {
  const each = (what: keyof Round): number => median(rounds[which].map((one) => one[what])) / size;
  const rate = median(rounds[which].map(({ requests, wall }) => (1_000 * requests) / wall));
  const who = CALLERS[which];
  const writes = { name: `writes per spawn of ${who}`, value: each('writes'), unit: '' };
  return [
    { name: `requests a second of ${who}`, value: rate, unit: '/s' },
    { name: `requests per spawn of ${who}`, value: each('requests'), unit: '' },
    ...(writes.value === 0 ? [] : [writes]),
    {
      name: `half of the labs of ${who} ready after`,
      value: median(rounds[which].map(({ half }) => half)),
      unit: 'ms',
    },
    { name: `CPU of ${who} per spawn`, value: each('cpu'), unit: 'ms' },
    { name: `CPU of the cluster per spawn of ${who}`, value: each('clusterCpu'), unit: 'ms' },
  ];
}

function answerFigures(spawned: readonly PromiseSettledResult<Spawned>[]): Figure[] {
  const good = spawned.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const p99 = (samples: readonly number[]): number => percentile(samples, 0.99);
  return [
    { name: 'refused or failed', value: spawned.length - good.length, unit: '', budget: 'none' },
    { name: 'POST to its answer p99', value: p99(good.map((one) => one.accepted)), unit: 'ms' },
    { name: 'stream opened p99', value: p99(good.map((one) => one.opened)), unit: 'ms' },
  ];
}

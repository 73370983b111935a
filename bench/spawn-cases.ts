import { median, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import type { BenchLabs } from './labs.js';
import { benchUser, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { byVerb, type Counts } from './writes.js';

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
  return [...figuresOf('spawn', spawned), ...figuresOf('stop', stopped)];
}

const figuresOf = (what: string, counts: Counts): Figure[] =>
  Array.from(byVerb(counts), ([verb, value]) => ({
    name: `requests of a ${what}: ${verb}`,
    value,
    unit: '',
  }));

/** Spawn over floor that the design allows. */
export interface Overhead {
  readonly factor: number;
  /** Besides, in milliseconds. */
  readonly plus: number;
}

/** POST to `complete` against the floor, one of each in turn. */
export async function latency(
  platform: BenchPlatform,
  labs: BenchLabs,
  floor: Floor,
  { pairs, factor, plus }: Overhead & Pick<Scale, 'pairs'>,
): Promise<Figure[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  const accepted: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const user = benchUser(2 + pair);
    ours.push(await timed(async () => accepted.push((await labs.spawn(user)).accepted)));
    // A real control plane works for seconds to remove a namespace: there it stays.
    if (!platform.isReal) await labs.remove(user);
    bare.push(await timed(() => floor.spawn(user, false)));
    if (!platform.isReal) await floor.remove([user]);
    await settle(platform.isReal ? 500 : 50);
  }
  const ratios = ours.map((one, pair) => (one - plus) / (bare[pair] ?? NaN));
  return [
    { name: 'one spawn, POST to complete (median)', value: median(ours), unit: 'ms' },
    { name: 'of that, POST to its answer (median)', value: median(accepted), unit: 'ms' },
    { name: 'the floor: a bare client (median)', value: median(bare), unit: 'ms' },
    {
      name: plus === 0 ? 'spawn over floor (median)' : `spawn less ${String(plus)} ms over floor (median)`,
      value: median(ratios),
      unit: 'x',
      budget: `at most ${String(factor)} (design)`,
    },
  ];
}

import { median, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import type { BenchLabs } from './labs.js';
import { benchUser, type BenchPlatform } from './platform.js';
import { settle } from './scale.js';
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

/** POST to `complete` against the floor, one of each in turn. */
export async function latency(labs: BenchLabs, floor: Floor, pairs: number): Promise<Figure[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  const accepted: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const user = benchUser(2 + pair);
    ours.push(await timed(async () => accepted.push((await labs.spawn(user)).accepted)));
    await labs.remove(user);
    bare.push(await timed(() => floor.spawn(user, false)));
    await floor.remove([user]);
    await settle(50);
  }
  const limit = 1.3 * median(bare) + 50;
  return [
    {
      name: 'one spawn, POST to complete (median)',
      value: median(ours),
      unit: 'ms',
      budget: `at most ${limit.toFixed(1)} ms (1.3 x floor + 50 ms)`,
    },
    { name: 'of that, POST to its answer (median)', value: median(accepted), unit: 'ms' },
    { name: 'the floor: a bare client (median)', value: median(bare), unit: 'ms' },
    { name: 'spawn over floor', value: median(ours) / median(bare), unit: 'x' },
  ];
}

import 'reflect-metadata';

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { soak } from './soak.js';

const USAGE = 'Usage: npm run soak -- [--minutes N] [--seed S] [--rounds R]';
const MIB = 1024 * 1024;
/** Of the rounds, so many are not judged for memory: caches fill and code is compiled in them. */
const WARM_UP = 0.25;
const FEWEST_FOR_MEMORY = 16;
/** Growth of the used heap from the second quarter to the last that is no leak. */
const ALLOWED_GROWTH = 1.2;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly rounds: number;
}

function options(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: { type: 'string' }, seed: { type: 'string' }, rounds: { type: 'string' } },
    });
    const { minutes, seed, rounds } = values;
    return {
      minutes: numberOf(minutes ?? (rounds === undefined ? '1' : 'Infinity')),
      seed: numberOf(seed ?? String(Math.floor(Math.random() * 1_000_000))),
      rounds: numberOf(rounds ?? 'Infinity'),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

function numberOf(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value) || value <= 0) throw new Error(`"${text}" is no number above 0`);
  return value;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MIB;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A sentence if memory grew. */
function leak(heaps: readonly number[]): string | undefined {
  if (heaps.length < FEWEST_FOR_MEMORY) return undefined;
  const quarter = Math.floor(heaps.length * WARM_UP);
  const [early, late] = [median(heaps.slice(quarter, 2 * quarter)), median(heaps.slice(-quarter))];
  const told = `used heap: ${early.toFixed(0)} MiB in the second quarter, ${late.toFixed(0)} MiB in the last`;
  console.log(told);
  return late > early * ALLOWED_GROWTH ? `memory grows: ${told}` : undefined;
}

const { minutes, seed, rounds } = options(process.argv.slice(2));
const end = performance.now() + minutes * 60_000;
const heaps: number[] = [];
console.log(`soak: seed ${seed}`);
const report = await soak({
  seed,
  goesOn: (round) => round < rounds && performance.now() < end,
  onRound: (round) => {
    heaps.push(usedHeap());
    if (round % 10 === 0) console.log(`round ${round}: in order, ${(heaps.at(-1) ?? 0).toFixed(0)} MiB`);
  },
});
console.log(`${report.rounds} rounds`);
for (const [what, count] of report.counts) console.log(`  ${what}: ${count}`);
const problems = [...report.problems, leak(heaps) ?? ''].filter((problem) => problem !== '');
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`Again: npm run soak -- --seed ${seed} --rounds ${report.rounds}`);
  process.exit(1);
}
process.exit(0);

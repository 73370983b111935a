import { millis } from './units.js';
import type { Millis } from './units.js';

const AMOUNTS = [
  [604_800, 'weeks|week|w'],
  [86_400, 'days|day|d'],
  [3_600, 'hours|hour|hr|h'],
  [60, 'minutes|minute|mins|min|m'],
  [1, 'seconds|second|secs|sec|s'],
] as const;

const HUMAN = new RegExp(
  `^${AMOUNTS.map(([, units]) => `(?:\\s*(\\d{1,12})\\s*(?:${units}))?`).join('')}\\s*$`,
);
const PLAIN = /^\s*\d{1,12}(?:\.\d{0,9})?\s*$/;
/** Longer spans are typing errors, and would not fit the arithmetic of timers. */
const LONGEST_SECONDS = 100 * 365 * 86_400;

/**
 * Reads a span of time (contract 3, "duration"): a number of seconds, or amounts such as `1d`, `4h 3minutes`
 * in falling order. Returns `undefined` for anything else, negative spans and spans beyond a century included.
 */
export function parseDuration(written: string | number): Millis | undefined {
  const total = typeof written === 'number' ? written : secondsOf(written);
  if (total === undefined || !Number.isFinite(total) || total < 0 || total > LONGEST_SECONDS)
    return undefined;
  return millis(Math.round(total * 1000));
}

function secondsOf(written: string): number | undefined {
  if (PLAIN.test(written)) return Number(written);
  const found = HUMAN.exec(written);
  if (!found || written.trim() === '') return undefined;
  return AMOUNTS.reduce((sum, [seconds], index) => sum + Number(found[index + 1] ?? 0) * seconds, 0);
}

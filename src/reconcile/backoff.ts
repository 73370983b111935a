import type { Millis } from '../common/units.js';

export interface BackoffOptions {
  readonly base: Millis;
  readonly max: Millis;
}

/**
 * The wait before try number `attempt` (0 = the first repeat): doubles from `base` to `max`, and the upper half is
 * left to chance, so that those who failed together do not come back together.
 */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number): Millis {
  const ceiling = Math.min(options.max, options.base * 2 ** Math.min(attempt, 30));
  return (ceiling / 2 + (random() * ceiling) / 2) as Millis;
}

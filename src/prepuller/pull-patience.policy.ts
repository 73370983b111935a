import { createHash } from 'node:crypto';
import { later, millis } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Failure } from './prepull.js';

/** How long to wait before a pull that failed is tried again. */
export interface Patience {
  readonly firstRetry: Millis;
  readonly longestRetry: Millis;
}

/** Nodes that failed together come back spread over this share of the pause. */
const SPREAD = 0.25;

/**
 * When a failed pull is due again: after the first pause, then twice as long each time, up to the longest. The pause is
 * shortened by up to a quarter, by a share that follows from node and image, so that it is the same after a restart.
 */
export function retryAt(
  { digest, at, attempts }: Pick<Failure, 'digest' | 'at' | 'attempts'>,
  node: string,
  { firstRetry, longestRetry }: Patience,
): Instant {
  const pause = Math.min(longestRetry, firstRetry * 2 ** (attempts - 1));
  return later(at, millis(Math.round(pause * (1 - SPREAD * shareOf(`${node} ${digest}`)))));
}

/** A number from 0 to 1 that is always the same for the same words. */
const shareOf = (words: string): number =>
  createHash('sha256').update(words).digest().readUInt32BE() / 0xff_ff_ff_ff;

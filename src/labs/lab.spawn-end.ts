import { millis } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { LogFields } from '../common/logger.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab } from './lab.js';

/** How a spawn ended, as `spawn_success` and `spawn_failure` tell it (contract 11.7). */
export interface SpawnEnd {
  readonly lab: string;
  readonly username: string;
  readonly end: 'succeeded' | 'failed';
  /** From the acceptance on, the time in the queue included. */
  readonly elapsed: Millis;
  readonly imageTag: string;
  readonly size: string;
}

/** The end that `record` brings to the spawn of `lab`; undefined for anything else, cancellations among it. */
export function spawnEndOf(lab: Lab, { ended }: StatusRecord, now: Instant): SpawnEnd | undefined {
  const { operation, owner, image, size } = lab.wish;
  if (operation.kind !== 'spawn' || (ended !== 'succeeded' && ended !== 'failed')) return undefined;
  // It may have been accepted by a replica whose clock is ahead.
  const elapsed = millis(Math.max(0, now - operation.acceptedAt));
  return { lab: lab.name, username: owner.username, end: ended, elapsed, imageTag: image.tag, size };
}

/** The fields of the contract's metrics event, for the log: whom it was for is no label of a figure. */
export function spawnEndFields({ username, elapsed, end }: SpawnEnd, { wish }: Lab): LogFields {
  const { limits, requests } = wish.resources;
  return {
    user: username,
    operation: wish.operation.id,
    end,
    elapsed: elapsed / 1000,
    image: wish.image.reference,
    cpu_limit: limits.cpu / 1000,
    cpu_request: requests.cpu / 1000,
    memory_limit: limits.memory,
    memory_request: requests.memory,
  };
}

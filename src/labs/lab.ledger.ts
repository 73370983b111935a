import { entry } from '../common/ledger.js';
import type { LedgerEntry, Resolved } from '../common/ledger.js';
import { later, seconds } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Lab, LabWish } from './lab.js';

export { PLACES, additions, isTold, reached, untold } from '../common/ledger.js';
export type { Telling } from '../common/ledger.js';

/**
 * Entry 1 of an operation. Every replica derives the same from the wish, so that a stream has something to
 * say without a write.
 */
export function firstEntry(wish: LabWish): LedgerEntry {
  const { username } = wish.owner;
  const openings: Record<LabWish['operation']['kind'], Resolved> = {
    spawn: { reason: 'spawn_accepted', message: `Starting lab creation for ${username}`, progress: 1 },
    adopt: {
      reason: 'adopted',
      message: `Monitoring in-progress lab creation for ${username}`,
      progress: 1,
    },
    stop: { reason: 'pod_deleting', message: 'Shutting down Kubernetes pod', progress: 25 },
  };
  return entry(openings[wish.operation.kind], 1, wish.operation.acceptedAt);
}

/** What is told of the wish's operation so far, entry 1 first. Stored entries of another operation do not belong. */
export function storyOf(lab: Lab): readonly LedgerEntry[] {
  const known = stories.get(lab);
  if (known) return known;
  const told = lab.record.operation?.id === lab.wish.operation.id ? lab.record.ledger : [];
  const story = [firstEntry(lab.wish), ...told];
  stories.set(lab, story);
  return story;
}

/** One state of a lab is asked for its story again and again: at each step, by each rule. */
const stories = new WeakMap<Lab, readonly LedgerEntry[]>();

/** Status writes of one operation besides those for *objects created* and for the end. */
export interface Pace {
  readonly writes: number;
  readonly lastAt: Instant | undefined;
}

/** Pause before each write of the first minute; seven, so that a spawn stays within 12 writes beyond its objects. */
const PAUSES: readonly Millis[] = [1, 1, 1, 2, 4, 8, 16].map(seconds);
const FIRST_MINUTE = seconds(60);
const LATER_PAUSE = seconds(30);

/** When the next details of an operation may be written; what arises before then is written together. */
export function nextDetailsAt(acceptedAt: Instant, pace: Pace, now: Instant): Instant {
  const since = pace.lastAt ?? acceptedAt;
  const minuteOver = later(acceptedAt, FIRST_MINUTE);
  if (now >= minuteOver) return later(since, pace.lastAt === undefined ? seconds(0) : LATER_PAUSE);
  const pause = PAUSES[pace.writes];
  return pause === undefined ? minuteOver : later(since, pause);
}

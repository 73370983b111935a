import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { compareRanks } from '../reconcile/index.js';
import type { Rank } from '../reconcile/index.js';
import type { Lab, LedgerEntry } from './lab.js';
import { reached, storyOf } from './lab.ledger.js';
import { currentProgress } from './lab.phase.js';

interface Lane {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The first lane that shares a group with the user; the default lane comes after the last. */
export function laneOf(groups: readonly { readonly name: string }[], lanes: readonly Lane[]): number {
  const names = new Set(groups.map((group) => group.name));
  const found = lanes.findIndex((lane) => lane.groups.some((group) => names.has(group)));
  return found === -1 ? lanes.length : found;
}

/** True while a lab's objects are still to be written: only these queue. */
export function isWriting(lab: Lab): boolean {
  const progress = currentProgress(lab);
  const wanted =
    lab.wish.desiredState === 'running' && lab.wish.operation.kind === 'spawn' && !lab.beingDeleted;
  return wanted && !progress?.objectsCreated && !progress?.ended;
}

/** Who goes first: whoever only has something to record, then by lane, then by acceptance. Total, and the same anywhere. */
export function queueRank(lab: Lab): Rank {
  const { lane, operation } = lab.wish;
  return [Number(isWriting(lab)), lane, operation.acceptedAt, lab.name];
}

/** What the pace of the queue is judged by. */
const WINDOW = seconds(30);

/**
 * What those are told who wait for their turn, by the name of the lab: their place, and the wait to be expected at
 * the pace of the last half minute. `places` labs are written at the same time. Pure, so every replica says the same.
 */
export function queueHints(
  labs: readonly Lab[],
  places: number,
  now: Instant,
): ReadonlyMap<string, LedgerEntry> {
  const queue = ranked(labs.filter(isWriting));
  if (queue.length <= places) return new Map();
  const written = labs.filter((lab) => wasWritten(lab, now)).length;
  const each = written === 0 ? undefined : WINDOW / written;
  return new Map(
    queue.slice(places).map((lab, index) => [lab.name, hint(lab, { place: index + 1, each }, now)]),
  );
}

const ranked = (labs: readonly Lab[]): readonly Lab[] =>
  labs
    .map((lab) => ({ lab, rank: queueRank(lab) }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ lab }) => lab);

/** Its objects were created within the window. */
const wasWritten = (lab: Lab, now: Instant): boolean =>
  lab.record.ledger.some((told) => told.reason === 'objects_created' && later(told.at, WINDOW) > now);

/** Waits are told in steps of ten seconds, lest every look be news. */
function hint(
  lab: Lab,
  { place, each }: { readonly place: number; readonly each: number | undefined },
  at: Instant,
): LedgerEntry {
  const wait =
    each === undefined ? '' : `, about ${Math.max(1, Math.ceil((place * each) / 10_000)) * 10} seconds`;
  const message = `Waiting for its turn: place ${place} in the queue${wait}`;
  // Whoever is overtaken by a higher lane may have been told more than the beginning.
  const progress = reached(storyOf(lab));
  return { number: 0, at, event: 'info', reason: 'queued', severity: 'info', message, progress };
}

import type { Instant } from '../common/units.js';
import type { Lab, LedgerEntry } from './lab.js';
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
export function queueOrder(a: Lab, b: Lab): number {
  const [x, y] = [a.wish, b.wish];
  return (
    Number(isWriting(a)) - Number(isWriting(b)) ||
    x.lane - y.lane ||
    x.operation.acceptedAt - y.operation.acceptedAt ||
    (a.name < b.name ? -1 : Number(a.name > b.name))
  );
}

/**
 * What those are told who wait for their turn, by the name of the lab. `places` labs are written at the same time;
 * the expected wait follows from how many became ready to be written before, and how long that took the one waiting
 * longest.
 */
export function queueHints(
  labs: readonly Lab[],
  places: number,
  now: Instant,
): ReadonlyMap<string, LedgerEntry> {
  const queue = labs.filter(isWriting).sort(queueOrder);
  return new Map(queue.slice(places).map((lab, index) => [lab.name, hint(index + 1, queue.length, now)]));
}

const hint = (place: number, total: number, at: Instant): LedgerEntry => ({
  number: 0,
  at,
  event: 'info',
  reason: 'queued',
  severity: 'info',
  message: `Waiting for its turn: place ${place} of ${total}`,
  progress: 1,
});

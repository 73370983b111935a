import { seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { Notes } from '../kubernetes/index.js';

/** Removals by the minute they were made in, of the last hour. */
export const REMOVALS = 'berth.dev/removals';
/** Why nothing is removed unasked any more, and since when. */
export const STOPPED = 'berth.dev/removals-stopped';
/** An operator has looked: removals go on, and are counted from nothing. */
export const RESUME = 'berth.dev/resume-removals';

const ALWAYS_ALLOWED = 10;
const SHARE = 0.05;
const MINUTE = 60_000;
/** How long a removal counts. */
export const COUNTED_FOR = seconds(3600);
const HOUR = COUNTED_FOR / MINUTE;

/** What stops removals that nobody asked for, until an operator says that they may go on. */
export interface RemovalStop {
  readonly reason: 'too_many_removals' | 'another_controller_active';
  /** What led to it, in plain words. */
  readonly evidence: string;
  /** RFC 3339. */
  readonly since: string;
}

/** Changes of the Lease's annotations; undefined takes one away. */
type Revision = Readonly<Record<string, string | undefined>>;

/** Whether removals are stopped, by the Lease's annotations. */
export function stopOf(notes: Notes): RemovalStop | undefined {
  const written = notes[STOPPED];
  if (written === undefined || notes[RESUME] !== undefined) return undefined;
  const { reason, evidence, since } = parsed(written) as Partial<RemovalStop>;
  // Whoever wrote something else there meant that nothing be removed.
  const known = reason === 'another_controller_active' ? reason : 'too_many_removals';
  return { reason: known, evidence: evidence ?? written, since: since ?? '' };
}

/** What one more removal among `total` labs makes of the annotations: a higher count, or a stop. */
export function withRemoval(notes: Notes, total: number, now: Instant): Revision {
  if (stopOf(notes)) return {};
  const counts = recent(notes[RESUME] === undefined ? notes[REMOVALS] : undefined, now);
  const made = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const most = Math.max(ALWAYS_ALLOWED, Math.floor(total * SHARE));
  if (made >= most) {
    const evidence = `${made} removals that nobody asked for within an hour, among ${total} labs`;
    return withStop(notes, { reason: 'too_many_removals', evidence, since: new Date(now).toISOString() });
  }
  const minute = minuteOf(now);
  const raised = { ...counts, [minute]: (counts[minute] ?? 0) + 1 };
  return { [REMOVALS]: JSON.stringify(raised), [STOPPED]: undefined, [RESUME]: undefined };
}

/** What a stop makes of the annotations. The first reason stays until an operator has looked. */
export function withStop(notes: Notes, stop: RemovalStop): Revision {
  return stopOf(notes) ? {} : { [STOPPED]: JSON.stringify(stop), [RESUME]: undefined };
}

/** What an operator's word makes of them. */
export const withResumption = (now: Instant): Revision => ({ [RESUME]: new Date(now).toISOString() });

const minuteOf = (time: Instant): string => new Date(time).toISOString().slice(0, '0000-00-00T00:00'.length);

/** The counts of the last hour; whole minutes, so that none is forgotten early. */
function recent(written: string | undefined, now: Instant): Readonly<Record<string, number>> {
  const kept = Object.entries(parsed(written ?? '{}')).filter((one): one is [string, number] => {
    const age = (now - Date.parse(`${one[0]}Z`)) / MINUTE;
    return age <= HOUR + 1 && typeof one[1] === 'number';
  });
  return Object.fromEntries(kept);
}

function parsed(written: string): object {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

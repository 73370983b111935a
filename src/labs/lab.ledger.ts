import { instant, later, seconds } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Addressee, EventName, Lab, LabWish, LedgerEntry, Severity } from './lab.js';
import { fitted } from './lab.text.js';

/** Places in one operation's story, entry 1 included. */
export const PLACES = 64;
/** The last places, kept for how it ended. */
const KEPT_FOR_THE_END = 8;
/** The entry that says that details stop here. */
const LAST_DETAIL = PLACES - KEPT_FOR_THE_END;
/** One entry as JSON. */
const ENTRY_BYTES = 512;

/** Something worth telling; becomes an entry once it has a number. */
export interface Telling {
  readonly reason: string;
  readonly message: string;
  /** Default `info`. */
  readonly event?: EventName;
  /** Default `info`. */
  readonly severity?: Severity;
  /** `relay`: as far as the next relayed pod event gets (contract 6.4). */
  readonly progress?: number | 'relay' | undefined;
  readonly remedy?: string | undefined;
  readonly who?: Addressee | undefined;
  readonly evidence?: string | undefined;
  /** Default: the time of the write. */
  readonly at?: Instant | undefined;
  /** The pod it speaks of; told only in the story that this pod belongs to. */
  readonly podUid?: string | undefined;
}

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
  const told = lab.record.operation?.id === lab.wish.operation.id ? lab.record.ledger : [];
  return [firstEntry(lab.wish), ...told];
}

/**
 * The entries that `tellings` add to a story. Repeats (the same event and message) are left out; when only the
 * places kept for the end are left, details are left out too, after one entry that says so.
 */
export function additions(
  story: readonly LedgerEntry[],
  tellings: readonly Telling[],
  at: Instant,
): readonly LedgerEntry[] {
  const whole = [...story];
  const known = new Set(story.map(identity));
  for (const telling of tellings) {
    const number = (whole.at(-1)?.number ?? 0) + 1;
    if (number > PLACES || (number > LAST_DETAIL && !isEnding(telling))) continue;
    const next = entry(fits(telling, number) ? resolved(telling, whole) : DETAILS_STOP, number, at);
    if (known.has(identity(next))) continue;
    known.add(identity(next));
    whole.push(next);
  }
  return whole.slice(story.length);
}

/** Those that {@link additions} would enter, were there room. */
export function untold(story: readonly LedgerEntry[], tellings: readonly Telling[]): readonly Telling[] {
  if ((story.at(-1)?.number ?? 0) >= LAST_DETAIL) return tellings.filter(isEnding);
  const known = new Set(story.map(identity));
  return tellings.filter((telling) => !known.has(identity(entry(resolved(telling, story), PLACES, NO_TIME))));
}

/** True if the story has an entry of this reason. */
export function isTold(story: readonly LedgerEntry[], reason: string): boolean {
  return story.some((told) => told.reason === reason);
}

type Resolved = Omit<Telling, 'progress'> & { readonly progress?: number | undefined };

const resolved = (telling: Telling, story: readonly LedgerEntry[]): Resolved => ({
  ...telling,
  progress: telling.progress === 'relay' ? relayProgress(story) : telling.progress,
});

/** Progress of the next relayed pod event: 35 first, then a third of what is left to 75 (contract 6.4). */
function relayProgress(story: readonly LedgerEntry[]): number {
  const reached = story.reduce((most, told) => Math.max(most, told.progress ?? 0), 0);
  return reached < 35 ? 35 : Math.floor(reached + (75 - reached) / 3);
}

const DETAILS_STOP: Resolved = {
  reason: 'details_stop',
  message: 'Too many events: details stop here, only the end will be told',
};

/** Stands in where no time matters. */
const NO_TIME = instant(0);

const identity = (told: LedgerEntry): string => `${told.event}\n${told.message}`;

const isEnding = (telling: Telling): boolean => (telling.event ?? 'info') !== 'info';

const fits = (telling: Telling, number: number): boolean => number < LAST_DETAIL || isEnding(telling);

function entry(telling: Resolved, number: number, at: Instant): LedgerEntry {
  const { reason, message, event, severity, at: happened, podUid: _pod, ...rest } = telling;
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const whole: LedgerEntry = {
    number,
    at: happened ?? at,
    event: event ?? 'info',
    reason,
    severity: severity ?? 'info',
    message,
    ...present,
  };
  return fitted(whole, ['evidence', 'remedy', 'message'], (told) => wireBytes(told) - ENTRY_BYTES);
}

/** With the widest number, so that a text is cut alike wherever it stands; `at` is text on the wire. */
const wireBytes = (told: LedgerEntry): number =>
  Buffer.byteLength(JSON.stringify({ ...told, number: PLACES, at: '0000-00-00T00:00:00.000Z' }));

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

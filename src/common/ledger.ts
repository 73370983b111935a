import { instant } from './units.js';
import type { Instant } from './units.js';
import { fitted } from './fitted.js';

/*
 * The numbered story of one operation (design section 2): what a resource's status holds, and what is read aloud.
 */

export type Severity = 'info' | 'warning' | 'error';
/** How an entry reads on the contract's wire. */
export type EventName = 'info' | 'error' | 'failed' | 'complete';
/** Who can do something about it. */
export type Addressee = 'user' | 'operator';

/** One line of an operation's story. Entries never change once stored. */
export interface LedgerEntry {
  /** 1 is derived from the spec by every replica and never stored; stored entries start at 2. */
  readonly number: number;
  readonly at: Instant;
  readonly event: EventName;
  /** Stable snake_case code: the same in log, metric, Kubernetes Event and stream. */
  readonly reason: string;
  readonly severity: Severity;
  readonly message: string;
  /** 1 to 100; absent on `complete` and `failed`. */
  readonly progress?: number;
  readonly remedy?: string;
  readonly who?: Addressee;
  readonly evidence?: string;
}

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
  /** Of the evidence the end says most, as of last words. */
  readonly lastWords?: boolean | undefined;
  /** Default: the time of the write. */
  readonly at?: Instant | undefined;
  /** The pod it speaks of; told only in the story that this pod belongs to. */
  readonly podUid?: string | undefined;
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

/** A cause in one text, for whoever reads nothing else: what it is, what was seen of it and what helps. */
export function wholeOf({ message, evidence, remedy }: LedgerEntry): string {
  const why = evidence === undefined ? message : `${message} (${evidence})`;
  return remedy === undefined ? why : `${why}. ${remedy}`;
}

/** True if the story has an entry of this reason. */
export function isTold(story: readonly LedgerEntry[], reason: string): boolean {
  return story.some((told) => told.reason === reason);
}

/** A telling whose progress is known. */
export type Resolved = Omit<Telling, 'progress'> & { readonly progress?: number | undefined };

/** How far the story has got; what is told next never says less. */
export const reached = (story: readonly LedgerEntry[]): number =>
  story.reduce((most, told) => Math.max(most, told.progress ?? 0), 0);

const resolved = (telling: Telling, story: readonly LedgerEntry[]): Resolved => ({
  ...telling,
  progress: telling.progress === undefined ? undefined : progressAfter(reached(story), telling.progress),
});

/** Of a relayed pod event: 35 first, then a third of what is left to 75 (contract 6.4). */
function progressAfter(before: number, told: number | 'relay'): number {
  if (told !== 'relay') return Math.max(before, told);
  return before < 35 ? 35 : Math.max(before, Math.floor(before + (75 - before) / 3));
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

/** The entry with this number, its texts cut to what an entry may hold. */
export function entry(telling: Resolved, number: number, at: Instant): LedgerEntry {
  const { reason, message, event, severity, at: happened, podUid: _pod, lastWords, ...rest } = telling;
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
  const excess = (told: LedgerEntry): number => wireBytes(told) - ENTRY_BYTES;
  return fitted(whole, ['evidence', 'remedy', 'message'], excess, lastWords ? ['evidence'] : []);
}

/** With the widest number, so that a text is cut alike wherever it stands; `at` is text on the wire. */
const wireBytes = (told: LedgerEntry): number =>
  Buffer.byteLength(JSON.stringify({ ...told, number: PLACES, at: '0000-00-00T00:00:00.000Z' }));

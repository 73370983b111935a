import { ControllerError } from '../common/errors.js';
import { millis, seconds } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Run } from './run.js';

/** What a reconcile run found: nothing left to do, or look again after a while. A failure is a throw. */
export type Outcome = { readonly kind: 'settled' } | { readonly kind: 'again'; readonly after: Millis };

export const settled: Outcome = { kind: 'settled' };
export const again = (after: Millis): Outcome => ({ kind: 'again', after });

/** A run that is due, or almost, does not begin in the same breath. */
const SHORTEST_WAIT = millis(100);

/** Look again at `time`. */
export const againAt = (time: Instant, now: Instant): Outcome =>
  again(millis(Math.max(SHORTEST_WAIT, time - now)));

/** Thrown to say that trying again cannot help; the key rests until something marks it dirty. */
export class TerminalError extends ControllerError {
  readonly code = 'reconcile_terminal';
}

/** As long as a 429 of the API server asks for; what stands in front of it may say an hour, and people wait meanwhile. */
const LONGEST_REST = seconds(30);

/** How long a failure asks to be left alone: its `retryAfter`, where it has one. */
export function restAsked(error: unknown): Millis | undefined {
  const retryAfter = (error as { readonly retryAfter?: unknown } | undefined)?.retryAfter;
  return typeof retryAfter === 'number' && Number.isFinite(retryAfter)
    ? millis(Math.min(retryAfter, LONGEST_REST))
    : undefined;
}

export interface Reconciler<Key extends string> {
  /**
   * Brings everything belonging to `key` to its wished state. Safe to repeat; never runs twice at once for one key.
   * Throw to back off, at least for the error's `retryAfter` if it has one; throw `TerminalError` to stop.
   */
  reconcile(key: Key, run: Run): Promise<Outcome>;
}

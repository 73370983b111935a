import type { Instant } from './units.js';

/** What to do about one record now; `Step` is what its room can do. `reason` is the stable code for log and metric. */
export type Decision<Step> =
  | { readonly kind: 'settled'; readonly reason: string }
  /** Nothing until `until`, or until something changes. */
  | { readonly kind: 'wait'; readonly reason: string; readonly until?: Instant }
  | { readonly kind: 'act'; readonly reason: string; readonly step: Step };

export const settled = (reason: string): Decision<never> => ({ kind: 'settled', reason });
export const wait = (reason: string, until?: Instant): Decision<never> =>
  until === undefined ? { kind: 'wait', reason } : { kind: 'wait', reason, until };
export const act = <Step>(reason: string, step: Step): Decision<Step> => ({ kind: 'act', reason, step });

/** A rule of the book: decides, or leaves it to the next one. */
export type Rule<Seen, Step> = (seen: Seen, now: Instant) => Decision<Step> | undefined;

/** The first decision of the rules, in order. */
export function firstOf<Seen, Step>(
  rules: readonly Rule<Seen, Step>[],
  seen: Seen,
  now: Instant,
): Decision<Step> | undefined {
  for (const rule of rules) {
    const decision = rule(seen, now);
    if (decision) return decision;
  }
  return undefined;
}

/** The decision, with a wait that ends at the deadline at the latest. */
export function soonest<Step>(
  decision: Decision<Step> | undefined,
  deadline: Instant,
): Decision<Step> | undefined {
  if (decision?.kind !== 'wait') return decision;
  return wait(
    decision.reason,
    decision.until !== undefined && decision.until < deadline ? decision.until : deadline,
  );
}

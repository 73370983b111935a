import type { Instant } from '../common/units.js';
import type { Telling } from './lab.ledger.js';
import type { NetworkKind } from './lab.observed.js';
import type { LabFailure, LabPhase, OperationEnd } from './lab.js';

/** What is to be written to the status, besides what the lab's own record already says. */
export interface StatusRecord {
  readonly phase: LabPhase;
  readonly tellings: readonly Telling[];
  readonly objectsCreated?: boolean;
  readonly ended?: OperationEnd;
  readonly failure?: Omit<LabFailure, 'at'>;
  /** Restarts of the notebook that are told of by now. */
  readonly restarts?: number;
  /** False for a lab that runs whose notebook does not at the moment. */
  readonly ready?: boolean;
  /** Reason code of the end of a life, to be kept in the record's past. */
  readonly lifeEnd?: string;
}

/** One action with at most one write, so that any may be the last before a crash. */
export type Step =
  | { readonly do: 'create_object' }
  | { readonly do: 'record'; readonly record: StatusRecord }
  | { readonly do: 'delete_request'; readonly name: string; readonly uid: string }
  | { readonly do: 'delete_pod'; readonly uid: string; readonly graceSeconds: number }
  | { readonly do: 'delete_namespace'; readonly uid: string }
  | { readonly do: 'mark_namespace'; readonly uid: string }
  /** `counted`: nobody asked for it, and it may live: the brake of removals has a say. */
  | { readonly do: 'begin_stop'; readonly counted?: true }
  | { readonly do: 'restore_network'; readonly kind: NetworkKind }
  | { readonly do: 'label_stopped' }
  | { readonly do: 'forget' };

/** What to do about one lab now. `reason` is the stable code for log and metric. */
export type Decision =
  | { readonly kind: 'settled'; readonly reason: string }
  /** Nothing until `until`, or until something changes. */
  | { readonly kind: 'wait'; readonly reason: string; readonly until?: Instant }
  | { readonly kind: 'act'; readonly reason: string; readonly step: Step };

export const settled = (reason: string): Decision => ({ kind: 'settled', reason });
export const wait = (reason: string, until?: Instant): Decision =>
  until === undefined ? { kind: 'wait', reason } : { kind: 'wait', reason, until };
export const act = (reason: string, step: Step): Decision => ({ kind: 'act', reason, step });

/** A rule of the book: decides, or leaves it to the next one. */
export type Rule<Seen> = (seen: Seen, now: Instant) => Decision | undefined;

/** The first decision of the rules, in order. */
export function firstOf<Seen>(rules: readonly Rule<Seen>[], seen: Seen, now: Instant): Decision | undefined {
  for (const rule of rules) {
    const decision = rule(seen, now);
    if (decision) return decision;
  }
  return undefined;
}

/** The decision, with a wait that ends at the deadline at the latest. */
export function soonest(decision: Decision | undefined, deadline: Instant): Decision | undefined {
  if (decision?.kind !== 'wait') return decision;
  return wait(
    decision.reason,
    decision.until !== undefined && decision.until < deadline ? decision.until : deadline,
  );
}

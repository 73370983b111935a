import type { Decision as DecisionOf, Rule as RuleOf } from '../common/decision.js';
import type { Telling } from '../common/ledger.js';
import type { ServerFailure, ServerPhase } from './fileserver.js';
import type { ObservedServer } from './fileserver.observed.js';

/** The objects a server consists of that we watch, in the order in which they are made. */
export type Part = 'route' | 'service' | 'job';
export const PARTS: readonly Part[] = ['route', 'service', 'job'];

/** What is to be written to the status, besides what the record says already. */
export interface StatusRecord {
  readonly phase: ServerPhase;
  readonly tellings: readonly Telling[];
  readonly ended?: 'succeeded' | 'failed';
  readonly failure?: Omit<ServerFailure, 'at' | 'operation'>;
  /** False for a server that runs and cannot be reached at the moment. */
  readonly ready?: boolean;
}

/** One action with at most one write, so that any may be the last before a crash. */
export type Step =
  | { readonly do: 'create_claim' }
  | { readonly do: 'create_key' }
  | { readonly do: 'create_part'; readonly part: Part }
  | { readonly do: 'mark_job'; readonly uid: string }
  /** Reads what is said of a Job that has no pod. */
  | { readonly do: 'ask_job'; readonly uid: string }
  | { readonly do: 'delete_part'; readonly part: Part; readonly uid: string }
  /** Takes away what a silent node can't say is gone. */
  | { readonly do: 'force_pod'; readonly pod: string; readonly uid: string }
  | { readonly do: 'clear_claims' }
  | { readonly do: 'clear_key' }
  | { readonly do: 'record'; readonly record: StatusRecord }
  /** `confirm`: only an absence says so, which a live read must agree with. */
  | { readonly do: 'begin_stop'; readonly confirm?: true }
  /** Deletes a record that nobody needs any more. */
  | { readonly do: 'erase' }
  | { readonly do: 'forget' };

/** What to do about one server now. */
export type Decision = DecisionOf<Step>;
export type Rule = RuleOf<ObservedServer, Step>;

/** By which it is remembered that a pod was forced away, besides its deletion. */
export const forcedMark = (uid: string): string => `${uid}/forced`;

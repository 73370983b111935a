import type { Decision as DecisionOf } from '../common/decision.js';
import type { Telling } from '../common/ledger.js';
import type { ServerFailure, ServerPhase } from './fileserver.js';

/** The objects a server consists of that we watch, in the order in which they are made. */
export type Part = 'route' | 'service' | 'job';

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
  | { readonly do: 'delete_part'; readonly part: Part; readonly uid: string }
  | { readonly do: 'clear_claims' }
  | { readonly do: 'clear_key' }
  | { readonly do: 'record'; readonly record: StatusRecord }
  /** `confirm`: only an absence says so, which a live read must agree with. */
  | { readonly do: 'begin_stop'; readonly confirm?: true }
  | { readonly do: 'forget' };

/** What to do about one server now. */
export type Decision = DecisionOf<Step>;

import type { Decision as DecisionOf } from '../common/decision.js';
import type { Failure } from '../common/record.js';
import type { Telling } from './lab.ledger.js';
import type { NetworkKind } from './lab.observed.js';
import type { LabPhase, OperationEnd } from './lab.js';

/** What is to be written to the status, besides what the lab's own record already says. */
export interface StatusRecord {
  readonly phase: LabPhase;
  readonly tellings: readonly Telling[];
  readonly objectsCreated?: boolean;
  readonly ended?: OperationEnd;
  readonly failure?: Omit<Failure, 'at'>;
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
  /** The record becomes that of the lab which lives in its place. */
  | { readonly do: 'adopt' }
  | { readonly do: 'restore_network'; readonly kind: NetworkKind }
  | { readonly do: 'label_stopped' }
  | { readonly do: 'forget' };

/** What to do about one lab now. */
export type Decision = DecisionOf<Step>;

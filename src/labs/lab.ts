import type { LedgerEntry } from '../common/ledger.js';
import type {
  Condition,
  Failure,
  Operation as OperationOf,
  Owner,
  RecordIdentity,
} from '../common/record.js';
import type { Bytes, Instant, MilliCpu } from '../common/units.js';

export type { Addressee, LedgerEntry } from '../common/ledger.js';

/** What the contract's routes call the state of a lab; `stopped` is a record without objects, 404 there. */
export type LabPhase = 'pending' | 'running' | 'terminating' | 'terminated' | 'failed' | 'stopped';

/** The lab that every contract route means. */
export const DEFAULT_LAB = 'default';

export interface Quantities {
  readonly cpu: MilliCpu;
  readonly memory: Bytes;
}

export interface LabResources {
  readonly limits: Quantities;
  readonly requests: Quantities;
}

export interface LabImage {
  /** `registry/repository:tag@digest`, what the pod runs. */
  readonly reference: string;
  readonly tag: string;
  readonly digest: string;
  readonly displayName: string;
}

export interface LabOptions {
  readonly enableDebug: boolean;
  readonly resetUserEnv: boolean;
}

/** `spawn` brings a lab up, `stop` takes it down, `adopt` takes over a lab that ran before its record. */
export type OperationKind = 'spawn' | 'stop' | 'adopt';

export type Operation = OperationOf<OperationKind>;

/** The wish: everything about a lab but its secrets, which travel in the request Secret. */
export interface LabWish {
  readonly owner: Owner;
  readonly labName: string;
  readonly desiredState: 'running' | 'stopped';
  readonly operation: Operation;
  readonly image: LabImage;
  /** Configured size name, or `custom` for an adopted lab that fits none. */
  readonly size: string;
  readonly resources: LabResources;
  readonly options: LabOptions;
  /** The owner's namespace quota, if the provider gave one. */
  readonly quota: Quantities | null;
  /** `JUPYTERHUB_SERVICE_PREFIX` of the request; the path of the internal URL. */
  readonly servicePrefix: string;
  /** Index into `berth.queue.lanes`, fixed at acceptance; the default lane comes after the last. */
  readonly lane: number;
}

/** What one earlier life of the lab was, kept for history: at most 512 bytes as JSON, so that texts may be cut. */
export interface PastLife {
  readonly operationId: string;
  readonly image: string;
  readonly size: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Reason code of its end. */
  readonly end: string;
  /** What went wrong in it last, and what helps. */
  readonly cause?: string;
  readonly remedy?: string;
}

export type OperationEnd = 'succeeded' | 'failed' | 'cancelled';

/** What the leader recorded of the operation it works on. */
export interface OperationProgress {
  readonly id: string;
  readonly kind: OperationKind;
  readonly deadline: Instant;
  /** Number of the last stored entry; 1 when nothing is stored yet. */
  readonly last: number;
  readonly objectsCreated: boolean;
  readonly ended: OperationEnd | null;
  /** Restarts of the notebook that are told of; those before `complete` among them. */
  readonly restarts: number;
}

/** What the leader recorded. Belongs to the wish's operation only if `operation.id` says so. */
export interface LabRecord {
  readonly phase: LabPhase;
  readonly operation: OperationProgress | null;
  readonly ledger: readonly LedgerEntry[];
  readonly conditions: readonly Condition[];
  readonly failure: Failure | null;
  readonly past: readonly PastLife[];
}

/** A Lab resource in our words. Its name is also in its URL. */
export interface Lab extends RecordIdentity {
  readonly wish: LabWish;
  readonly record: LabRecord;
}

import type { Addressee, LedgerEntry } from '../common/ledger.js';
import type { Bytes, Instant, MilliCpu } from '../common/units.js';

export type { Addressee, LedgerEntry } from '../common/ledger.js';

/** What the contract's routes call the state of a lab; `stopped` is a record without objects, 404 there. */
export type LabPhase = 'pending' | 'running' | 'terminating' | 'terminated' | 'failed' | 'stopped';

/** The lab that every contract route means. */
export const DEFAULT_LAB = 'default';

export interface Group {
  readonly name: string;
  readonly id: number;
}

/** Who a lab belongs to, as the identity provider described them when the spawn was accepted. */
export interface LabOwner {
  readonly username: string;
  /** Display name; null if the provider knows none. */
  readonly name: string | null;
  readonly uid: number;
  readonly gid: number;
  /** All groups, the primary one included, in the provider's order; at most 1,000. */
  readonly groups: readonly Group[];
}

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

/** One accepted request. Its id names the progress stream's events and every object made for it. */
export interface Operation {
  /** 10 lower-case base32 characters. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly acceptedAt: Instant;
}

/** The wish: everything about a lab but its secrets, which travel in the request Secret. */
export interface LabWish {
  readonly owner: LabOwner;
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

export interface LabFailure {
  readonly reason: string;
  readonly cause: string;
  readonly remedy: string | null;
  readonly who: Addressee | null;
  readonly at: Instant;
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

/** What `kubectl wait` understands. `reason` and `message` say why the lab is in that state. */
export interface LabCondition {
  readonly type: 'Ready' | 'Progressing' | 'Failed';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed. */
  readonly lastTransitionTime: Instant;
  readonly observedGeneration: number;
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
  readonly conditions: readonly LabCondition[];
  readonly failure: LabFailure | null;
  readonly past: readonly PastLife[];
}

/** A Lab resource in our words. */
export interface Lab {
  /** Object name; the key of queue, cache and URL. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Counts changes of the wish. */
  readonly generation: number;
  /** Someone deleted the resource itself: stop, then forget. */
  readonly beingDeleted: boolean;
  readonly finalizers: readonly string[];
  readonly wish: LabWish;
  readonly record: LabRecord;
}

import type { Addressee, LedgerEntry } from '../common/ledger.js';
import type { Instant } from '../common/units.js';

/** `stopped` and `failed` are records without objects; `failed` says why the last life ended. */
export type ServerPhase = 'pending' | 'running' | 'terminating' | 'failed' | 'stopped';

export interface Group {
  readonly name: string;
  readonly id: number;
}

/** Whose files are served, as the identity provider described them when the server was asked for. */
export interface ServerOwner {
  readonly username: string;
  readonly name: string | null;
  readonly uid: number;
  readonly gid: number;
  /** All groups, the primary one included; at most 1,000. */
  readonly groups: readonly Group[];
}

/** `adopt` takes over a server that ran before its record. */
export interface ServerOperation {
  /** 10 lower-case base32 characters. */
  readonly id: string;
  readonly kind: 'start' | 'stop' | 'adopt';
  readonly acceptedAt: Instant;
}

export interface ServerWish {
  readonly owner: ServerOwner;
  readonly desiredState: 'running' | 'stopped';
  readonly operation: ServerOperation;
}

/** What the leader recorded of the operation it works on. */
export interface ServerProgress {
  readonly id: string;
  readonly kind: ServerOperation['kind'];
  /** Number of the last stored entry; 1 when nothing is stored yet. */
  readonly last: number;
  readonly ended: 'succeeded' | 'failed' | null;
}

/** Why a server failed, what helps, and who can do it. */
export interface ServerFailure {
  /** The operation that failed, so that whoever waits for another one is not told of it. */
  readonly operation: string;
  readonly reason: string;
  readonly cause: string;
  readonly remedy: string | null;
  readonly who: Addressee | null;
  readonly at: Instant;
}

export interface ServerCondition {
  readonly type: 'Ready' | 'Progressing' | 'Failed';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: Instant;
  readonly observedGeneration: number;
}

export interface ServerRecord {
  readonly phase: ServerPhase;
  readonly operation: ServerProgress | null;
  readonly ledger: readonly LedgerEntry[];
  readonly conditions: readonly ServerCondition[];
  readonly failure: ServerFailure | null;
}

/** A FileServer resource in our words. */
export interface FileServer {
  /** Object name; the key of queue and cache. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** Someone deleted the resource itself: stop, then forget. */
  readonly beingDeleted: boolean;
  readonly finalizers: readonly string[];
  readonly wish: ServerWish;
  readonly record: ServerRecord;
}

/** What the leader recorded of the wish's own operation; undefined while nothing is told yet. */
export function currentProgress({ wish, record }: FileServer): ServerProgress | undefined {
  return record.operation?.id === wish.operation.id ? record.operation : undefined;
}

/** The state as of the wish. A record of another operation tells nothing of this one. */
export function phaseOf(server: FileServer): ServerPhase {
  const { wish, record, beingDeleted } = server;
  const progress = currentProgress(server);
  if (wish.desiredState === 'stopped') {
    const isOver = wish.operation.kind === 'stop' && progress?.ended === 'succeeded';
    return isOver && !beingDeleted ? record.phase : 'terminating';
  }
  if (beingDeleted) return 'terminating';
  return progress ? record.phase : 'pending';
}

/** A record without objects: nothing of the server is left, or ever was. */
export function isFiled(server: FileServer): boolean {
  const phase = phaseOf(server);
  return server.wish.desiredState === 'stopped' && (phase === 'stopped' || phase === 'failed');
}

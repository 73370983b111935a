import type { LedgerEntry } from '../common/ledger.js';
import type { Condition, Failure, Operation, Owner, RecordIdentity } from '../common/record.js';

/** `stopped` and `failed` are records without objects; `failed` says why the last life ended. */
export type ServerPhase = 'pending' | 'running' | 'terminating' | 'failed' | 'stopped';

/** `adopt` takes over a server that ran before its record. */
export type ServerOperation = Operation<'start' | 'stop' | 'adopt'>;

/** Its owner is whose files are served, as described when the server was asked for. */
export interface ServerWish {
  readonly owner: Owner;
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

export interface ServerFailure extends Failure {
  /** The operation that failed, so that whoever waits for another one is not told of it. */
  readonly operation: string;
}

export interface ServerRecord {
  readonly phase: ServerPhase;
  readonly operation: ServerProgress | null;
  readonly ledger: readonly LedgerEntry[];
  readonly conditions: readonly Condition[];
  readonly failure: ServerFailure | null;
}

/** A FileServer resource in our words. */
export interface FileServer extends RecordIdentity {
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

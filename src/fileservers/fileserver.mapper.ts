import {
  conditionOf,
  entryOf,
  failureOf,
  operationOf,
  ownerOf,
  recordIdentity,
  wireFailure,
  wireOperation,
  wireOwner,
} from '../common/record.js';
import type { FileServer, ServerFailure, ServerProgress, ServerRecord, ServerWish } from './fileserver.js';
import type {
  FileServerResource,
  FileServerResourceSpec,
  FileServerResourceStatus,
} from './fileserver.resource.js';

/** Reads a FileServer resource. Undefined if it lacks what none can be without: then an operator must look at it. */
export function serverOf(resource: FileServerResource): FileServer | undefined {
  const identity = recordIdentity(resource.metadata);
  // A resource that an older or a missing schema let through may lack anything.
  const spec = resource.spec as Partial<FileServerResourceSpec> | undefined;
  if (!identity || !spec || !isComplete(spec)) return undefined;
  return { ...identity, wish: wishOf(spec), record: recordOf(resource.status ?? {}) };
}

const isComplete = ({ user, operation }: Partial<FileServerResourceSpec>): boolean =>
  Boolean(user?.username && user.uid && user.gid && operation?.id);

function wishOf(spec: Partial<FileServerResourceSpec>): ServerWish {
  const { user, desiredState, operation } = spec as FileServerResourceSpec;
  return { owner: ownerOf(user), desiredState, operation: operationOf(operation) };
}

function recordOf(status: FileServerResourceStatus): ServerRecord {
  const { operation, failure } = status;
  return {
    phase: status.phase ?? 'pending',
    operation: operation ? { ...operation, ended: operation.ended ?? null } : null,
    ledger: (status.ledger ?? []).map(entryOf),
    conditions: (status.conditions ?? []).map(conditionOf),
    failure: failure ? { ...failureOf(failure), operation: failure.operation } : null,
  };
}

/** The wish as the resource's spec. */
export const specOf = ({ owner, desiredState, operation }: ServerWish): FileServerResourceSpec => ({
  user: wireOwner(owner),
  desiredState,
  operation: wireOperation(operation),
});

type Wire<Field extends keyof FileServerResourceStatus> = NonNullable<FileServerResourceStatus[Field]>;

export const wireProgress = ({ id, kind, last, ended }: ServerProgress): Wire<'operation'> => ({
  id,
  kind,
  last,
  ...(ended ? { ended } : {}),
});

export const wireServerFailure = (failure: ServerFailure): Wire<'failure'> => ({
  ...wireFailure(failure),
  operation: failure.operation,
});

import type { LedgerEntry } from '../common/ledger.js';
import { rfc3339, timeOf } from '../common/units.js';
import type {
  FileServer,
  ServerCondition,
  ServerFailure,
  ServerProgress,
  ServerRecord,
  ServerWish,
} from './fileserver.js';
import type {
  FileServerResource,
  FileServerResourceSpec,
  FileServerResourceStatus,
} from './fileserver.resource.js';

/** Reads a FileServer resource. Undefined if it lacks what none can be without: then an operator must look at it. */
export function serverOf(resource: FileServerResource): FileServer | undefined {
  const { metadata } = resource;
  // A resource that an older or a missing schema let through may lack anything.
  const spec = resource.spec as Partial<FileServerResourceSpec> | undefined;
  if (!metadata?.name || !metadata.uid || !spec || !isComplete(spec)) return undefined;
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    beingDeleted: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
    wish: wishOf(spec),
    record: recordOf(resource.status ?? {}),
  };
}

const isComplete = ({ user, operation }: Partial<FileServerResourceSpec>): boolean =>
  Boolean(user?.username && user.uid && user.gid && operation?.id);

function wishOf(spec: Partial<FileServerResourceSpec>): ServerWish {
  const { user, desiredState, operation } = spec as FileServerResourceSpec;
  return {
    owner: {
      username: user.username,
      name: user.name ?? null,
      uid: user.uid,
      gid: user.gid,
      groups: user.groups,
    },
    desiredState,
    operation: { ...operation, acceptedAt: timeOf(operation.acceptedAt) },
  };
}

function recordOf(status: FileServerResourceStatus): ServerRecord {
  const { operation, failure } = status;
  return {
    phase: status.phase ?? 'pending',
    operation: operation ? { ...operation, ended: operation.ended ?? null } : null,
    ledger: (status.ledger ?? []).map((stored) => ({ ...stored, at: timeOf(stored.at) })),
    conditions: (status.conditions ?? []).map((stored) => ({
      ...stored,
      lastTransitionTime: timeOf(stored.lastTransitionTime),
      observedGeneration: stored.observedGeneration ?? 0,
    })),
    failure: failure
      ? { ...failure, remedy: failure.remedy ?? null, who: failure.who ?? null, at: timeOf(failure.at) }
      : null,
  };
}

/** The wish as the resource's spec. */
export function specOf({ owner, desiredState, operation }: ServerWish): FileServerResourceSpec {
  return {
    user: {
      username: owner.username,
      ...(owner.name === null ? {} : { name: owner.name }),
      uid: owner.uid,
      gid: owner.gid,
      groups: owner.groups.map(({ name, id }) => ({ name, id })),
    },
    desiredState,
    operation: { ...operation, acceptedAt: rfc3339(operation.acceptedAt) },
  };
}

type Wire<Field extends keyof FileServerResourceStatus> = NonNullable<FileServerResourceStatus[Field]>;

export const wireEntry = (told: LedgerEntry): Wire<'ledger'>[number] => ({ ...told, at: rfc3339(told.at) });

export const wireCondition = (condition: ServerCondition): Wire<'conditions'>[number] => ({
  ...condition,
  lastTransitionTime: rfc3339(condition.lastTransitionTime),
});

export const wireProgress = ({ id, kind, last, ended }: ServerProgress): Wire<'operation'> => ({
  id,
  kind,
  last,
  ...(ended ? { ended } : {}),
});

export const wireFailure = ({ remedy, who, at, ...failure }: ServerFailure): Wire<'failure'> => ({
  ...failure,
  ...(remedy === null ? {} : { remedy }),
  ...(who === null ? {} : { who }),
  at: rfc3339(at),
});

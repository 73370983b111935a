import { bytes, milliCpu, rfc3339, timeOf } from '../common/units.js';
import type {
  Lab,
  LabCondition,
  LabFailure,
  LabRecord,
  LabWish,
  LedgerEntry,
  OperationProgress,
  PastLife,
  Quantities,
} from './lab.js';
import type {
  ConditionResource,
  LabResource,
  LabResourceSpec,
  LabResourceStatus,
  LedgerResourceEntry,
} from './lab.resource.js';

/** Reads a Lab resource. Undefined if it lacks what no lab can be without: then an operator must look at it. */
export function labOf(resource: LabResource): Lab | undefined {
  const { metadata } = resource;
  // A resource that an older or a missing schema let through may lack anything.
  const spec = resource.spec as Partial<LabResourceSpec> | undefined;
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

function isComplete(spec: Partial<LabResourceSpec>): spec is LabResourceSpec {
  const parts = [spec.user?.username, spec.operation?.id, spec.image?.reference, spec.resources?.limits];
  return parts.every(Boolean) && Boolean(spec.resources?.requests && spec.user?.uid && spec.user.gid);
}

function wishOf(spec: LabResourceSpec): LabWish {
  return {
    owner: {
      username: spec.user.username,
      name: spec.user.name ?? null,
      uid: spec.user.uid,
      gid: spec.user.gid,
      groups: spec.user.groups,
    },
    labName: spec.labName,
    desiredState: spec.desiredState,
    operation: { ...spec.operation, acceptedAt: timeOf(spec.operation.acceptedAt) },
    image: spec.image,
    size: spec.size,
    resources: {
      limits: quantitiesOf(spec.resources.limits),
      requests: quantitiesOf(spec.resources.requests),
    },
    options: spec.options,
    quota: spec.quota ? quantitiesOf(spec.quota) : null,
    servicePrefix: spec.servicePrefix,
    lane: spec.lane,
  };
}

function recordOf(status: LabResourceStatus): LabRecord {
  return {
    phase: status.phase ?? 'pending',
    operation: status.operation ? progressOf(status.operation) : null,
    ledger: (status.ledger ?? []).map((stored) => ({ ...stored, at: timeOf(stored.at) })),
    conditions: (status.conditions ?? []).map(conditionOf),
    failure: status.failure ? failureOf(status.failure) : null,
    past: (status.past ?? []).map((life) => ({
      ...life,
      startedAt: timeOf(life.startedAt),
      endedAt: timeOf(life.endedAt),
    })),
  };
}

const progressOf = (operation: NonNullable<LabResourceStatus['operation']>): OperationProgress => ({
  id: operation.id,
  kind: operation.kind,
  deadline: timeOf(operation.deadline),
  last: operation.last,
  objectsCreated: operation.objectsCreated ?? false,
  ended: operation.ended ?? null,
  restarts: operation.restarts ?? 0,
});

const conditionOf = (stored: ConditionResource): LabCondition => ({
  ...stored,
  lastTransitionTime: timeOf(stored.lastTransitionTime),
  observedGeneration: stored.observedGeneration ?? 0,
});

const failureOf = (failure: NonNullable<LabResourceStatus['failure']>): LabFailure => ({
  reason: failure.reason,
  cause: failure.cause,
  remedy: failure.remedy ?? null,
  who: failure.who ?? null,
  at: timeOf(failure.at),
});

const quantitiesOf = (wire: { readonly milliCpu: number; readonly memoryBytes: number }): Quantities => ({
  cpu: milliCpu(wire.milliCpu),
  memory: bytes(wire.memoryBytes),
});

const wireQuantities = (quantities: Quantities): LabResourceSpec['resources']['limits'] => ({
  milliCpu: quantities.cpu,
  memoryBytes: quantities.memory,
});

/** The wish as the resource's spec. */
export function specOf(wish: LabWish): LabResourceSpec {
  const { owner, quota } = wish;
  return {
    user: {
      username: owner.username,
      ...(owner.name === null ? {} : { name: owner.name }),
      uid: owner.uid,
      gid: owner.gid,
      groups: owner.groups.map(({ name, id }) => ({ name, id })),
    },
    labName: wish.labName,
    desiredState: wish.desiredState,
    operation: { ...wish.operation, acceptedAt: rfc3339(wish.operation.acceptedAt) },
    image: wish.image,
    size: wish.size,
    resources: {
      limits: wireQuantities(wish.resources.limits),
      requests: wireQuantities(wish.resources.requests),
    },
    options: wish.options,
    ...(quota ? { quota: wireQuantities(quota) } : {}),
    servicePrefix: wish.servicePrefix,
    lane: wish.lane,
  };
}

export const wireEntry = (told: LedgerEntry): LedgerResourceEntry => ({ ...told, at: rfc3339(told.at) });

export const wireLife = (life: PastLife): NonNullable<LabResourceStatus['past']>[number] => ({
  ...life,
  startedAt: rfc3339(life.startedAt),
  endedAt: rfc3339(life.endedAt),
});

export const wireFailure = (failure: LabFailure): NonNullable<LabResourceStatus['failure']> => ({
  reason: failure.reason,
  cause: failure.cause,
  ...(failure.remedy === null ? {} : { remedy: failure.remedy }),
  ...(failure.who === null ? {} : { who: failure.who }),
  at: rfc3339(failure.at),
});

export const wireProgress = (progress: OperationProgress): NonNullable<LabResourceStatus['operation']> => ({
  id: progress.id,
  kind: progress.kind,
  deadline: rfc3339(progress.deadline),
  last: progress.last,
  ...(progress.objectsCreated ? { objectsCreated: true } : {}),
  ...(progress.ended ? { ended: progress.ended } : {}),
  ...(progress.restarts > 0 ? { restarts: progress.restarts } : {}),
});

export const wireCondition = (condition: LabCondition): ConditionResource => ({
  ...condition,
  lastTransitionTime: rfc3339(condition.lastTransitionTime),
});

import {
  conditionOf,
  entryOf,
  failureOf,
  operationOf,
  ownerOf,
  recordIdentity,
  wireOperation,
  wireOwner,
} from '../common/record.js';
import { bytes, milliCpu, rfc3339, timeOf } from '../common/units.js';
import type { Lab, LabRecord, LabWish, OperationProgress, PastLife, Quantities } from './lab.js';
import type { LabResource, LabResourceSpec, LabResourceStatus } from './lab.resource.js';

/** Reads a Lab resource. Undefined if it lacks what no lab can be without: then an operator must look at it. */
export function labOf(resource: LabResource): Lab | undefined {
  const identity = recordIdentity(resource.metadata);
  // A resource that an older or a missing schema let through may lack anything.
  const spec = resource.spec as Partial<LabResourceSpec> | undefined;
  if (!identity || !spec || !isComplete(spec)) return undefined;
  return { ...identity, wish: wishOf(spec), record: recordOf(resource.status ?? {}) };
}

function isComplete(spec: Partial<LabResourceSpec>): spec is LabResourceSpec {
  const parts = [spec.user?.username, spec.operation?.id, spec.image?.reference, spec.resources?.limits];
  return parts.every(Boolean) && Boolean(spec.resources?.requests && spec.user?.uid && spec.user.gid);
}

function wishOf(spec: LabResourceSpec): LabWish {
  return {
    owner: ownerOf(spec.user),
    labName: spec.labName,
    desiredState: spec.desiredState,
    operation: operationOf(spec.operation),
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
    ledger: (status.ledger ?? []).map(entryOf),
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
  const { quota } = wish;
  return {
    user: wireOwner(wish.owner),
    labName: wish.labName,
    desiredState: wish.desiredState,
    operation: wireOperation(wish.operation),
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

export const wireLife = (life: PastLife): NonNullable<LabResourceStatus['past']>[number] => ({
  ...life,
  startedAt: rfc3339(life.startedAt),
  endedAt: rfc3339(life.endedAt),
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

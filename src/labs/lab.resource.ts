import type { ConditionWire, FailureWire, LedgerWire, OperationWire, OwnerWire } from '../common/record.js';
import type { KubeObject, ResourceKind } from '../kubernetes/index.js';

/** Wire shape of the custom resource `Lab`; schema in `helm/berth/crds/labs.yaml`. Times are RFC 3339, CPU is millicores, memory bytes. */
export interface LabResource extends KubeObject {
  readonly spec: LabResourceSpec;
  readonly status?: LabResourceStatus;
}

interface ResourceQuantities {
  readonly milliCpu: number;
  readonly memoryBytes: number;
}

export interface LabResourceSpec {
  readonly user: OwnerWire;
  readonly labName: string;
  readonly desiredState: 'running' | 'stopped';
  readonly operation: OperationWire<'spawn' | 'stop' | 'adopt'>;
  readonly image: {
    readonly reference: string;
    readonly tag: string;
    readonly digest: string;
    readonly displayName: string;
  };
  readonly size: string;
  readonly resources: { readonly limits: ResourceQuantities; readonly requests: ResourceQuantities };
  readonly options: { readonly enableDebug: boolean; readonly resetUserEnv: boolean };
  readonly quota?: ResourceQuantities;
  readonly servicePrefix: string;
  readonly lane: number;
}

export interface LabResourceStatus {
  readonly phase?: 'pending' | 'running' | 'terminating' | 'terminated' | 'failed' | 'stopped';
  readonly observedGeneration?: number;
  readonly internalUrl?: string;
  readonly operation?: {
    readonly id: string;
    readonly kind: 'spawn' | 'stop' | 'adopt';
    readonly deadline: string;
    readonly last: number;
    readonly objectsCreated?: boolean;
    readonly ended?: 'succeeded' | 'failed' | 'cancelled';
    readonly restarts?: number;
  };
  readonly ledger?: readonly LedgerWire[];
  readonly conditions?: readonly ConditionWire[];
  readonly failure?: FailureWire;
  readonly past?: readonly {
    readonly operationId: string;
    readonly image: string;
    readonly size: string;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly end: string;
    readonly cause?: string;
    readonly remedy?: string;
  }[];
}

export const LABS: ResourceKind<LabResource> = {
  group: 'berth.dev',
  version: 'v1alpha1',
  kind: 'Lab',
  plural: 'labs',
  namespaced: true,
};

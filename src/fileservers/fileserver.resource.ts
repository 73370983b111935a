import type { ConditionWire, FailureWire, LedgerWire, OperationWire, OwnerWire } from '../common/record.js';
import type { KubeObject, ResourceKind } from '../kubernetes/index.js';

/** Wire shape of the custom resource `FileServer`; schema in `helm/berth/crds/fileservers.yaml`. */
export interface FileServerResource extends KubeObject {
  readonly spec: FileServerResourceSpec;
  readonly status?: FileServerResourceStatus;
}

export interface FileServerResourceSpec {
  readonly user: OwnerWire;
  readonly desiredState: 'running' | 'stopped';
  readonly operation: OperationWire<'start' | 'stop' | 'adopt'>;
}

export interface FileServerResourceStatus {
  readonly phase?: 'pending' | 'running' | 'terminating' | 'failed' | 'stopped';
  readonly observedGeneration?: number;
  readonly url?: string;
  readonly operation?: {
    readonly id: string;
    readonly kind: 'start' | 'stop' | 'adopt';
    readonly last: number;
    readonly ended?: 'succeeded' | 'failed';
  };
  readonly ledger?: readonly LedgerWire[];
  readonly conditions?: readonly ConditionWire[];
  readonly failure?: FailureWire & { readonly operation: string };
}

export const FILE_SERVERS: ResourceKind<FileServerResource> = {
  group: 'berth.dev',
  version: 'v1alpha1',
  kind: 'FileServer',
  plural: 'fileservers',
  namespaced: true,
};

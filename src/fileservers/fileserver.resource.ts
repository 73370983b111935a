import type { KubeObject, ResourceKind } from '../kubernetes/index.js';

/** Wire shape of the custom resource `FileServer`; schema in `helm/berth/crds/fileservers.yaml`. */
export interface FileServerResource extends KubeObject {
  readonly spec: FileServerResourceSpec;
  readonly status?: FileServerResourceStatus;
}

export interface FileServerResourceSpec {
  readonly user: {
    readonly username: string;
    readonly name?: string;
    readonly uid: number;
    readonly gid: number;
    readonly groups: readonly { readonly name: string; readonly id: number }[];
  };
  readonly desiredState: 'running' | 'stopped';
  readonly operation: {
    readonly id: string;
    readonly kind: 'start' | 'stop' | 'adopt';
    readonly acceptedAt: string;
  };
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
  readonly ledger?: readonly {
    readonly number: number;
    readonly at: string;
    readonly event: 'info' | 'error' | 'failed' | 'complete';
    readonly reason: string;
    readonly severity: 'info' | 'warning' | 'error';
    readonly message: string;
    readonly progress?: number;
    readonly remedy?: string;
    readonly who?: 'user' | 'operator';
    readonly evidence?: string;
  }[];
  readonly conditions?: readonly {
    readonly type: 'Ready' | 'Progressing' | 'Failed';
    readonly status: 'True' | 'False';
    readonly reason: string;
    readonly message: string;
    readonly lastTransitionTime: string;
    readonly observedGeneration?: number;
  }[];
  readonly failure?: {
    readonly operation: string;
    readonly reason: string;
    readonly cause: string;
    readonly remedy?: string;
    readonly who?: 'user' | 'operator';
    readonly at: string;
  };
}

export const FILE_SERVERS: ResourceKind<FileServerResource> = {
  group: 'berth.dev',
  version: 'v1alpha1',
  kind: 'FileServer',
  plural: 'fileservers',
  namespaced: true,
};

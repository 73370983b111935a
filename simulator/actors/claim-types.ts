import type { KubeObject } from './types.js';

export interface Claim extends KubeObject {
  spec: {
    storageClassName?: string;
    volumeName?: string;
    accessModes?: string[];
    volumeMode?: string;
    resources?: { requests?: Record<string, string> };
  };
  status?: { phase?: string };
}

export interface StorageClass extends KubeObject {
  provisioner: string;
  volumeBindingMode?: string;
  reclaimPolicy?: string;
}

/** The annotation by which the scheduler hands a waiting claim to the provisioner. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

export const waitsForConsumer = (storageClass: StorageClass): boolean =>
  storageClass.volumeBindingMode === 'WaitForFirstConsumer';

export const claimPath = ({ metadata }: Claim): string =>
  `/api/v1/namespaces/${metadata.namespace ?? 'default'}/persistentvolumeclaims/${metadata.name}`;

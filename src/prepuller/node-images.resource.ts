import type { KubeObject, ResourceKind } from '../kubernetes/index.js';

/** Wire shape of the custom resource `NodeImages`; schema in `helm/berth/crds/nodeimages.yaml`. Times are RFC 3339. */
export interface NodeImagesResource extends KubeObject {
  readonly status?: NodeImagesStatus;
}

export interface NodeImagesStatus {
  readonly proven?: number;
  readonly failed?: number;
  readonly reason?: string;
  readonly images: readonly FindingResource[];
}

export interface FindingResource {
  readonly digest: string;
  readonly reference: string;
  readonly aliases?: readonly string[];
  readonly state: 'proven' | 'failed' | 'listed';
  readonly at: string;
  readonly pod?: string;
  readonly seconds?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
  readonly attempts?: number;
}

export const NODE_IMAGES: ResourceKind<NodeImagesResource> = {
  group: 'berth.dev',
  version: 'v1alpha1',
  kind: 'NodeImages',
  plural: 'nodeimages',
  namespaced: true,
};

import type { V1Ingress, V1Job } from '@kubernetes/client-node';

import type { KubeObject, ResourceKind } from '../../kubernetes/index.js';

/** As far as we write and read it (Gateway API v1). */
export interface HttpRoute extends KubeObject {
  readonly spec?: {
    readonly parentRefs: readonly {
      readonly name: string;
      readonly namespace?: string;
      readonly sectionName?: string;
    }[];
    readonly hostnames?: readonly string[];
    readonly rules: readonly {
      readonly matches: readonly { readonly path: { readonly type: 'PathPrefix'; readonly value: string } }[];
      readonly backendRefs: readonly { readonly name: string; readonly port: number }[];
    }[];
  };
  readonly status?: {
    readonly parents?: readonly {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason: string;
        readonly message?: string;
      }[];
    }[];
  };
}

/** Gafaelfawr's own resource, from which it makes an Ingress (contract 5.8). */
export interface GafaelfawrIngress extends KubeObject {
  readonly config?: object;
  readonly template?: object;
}

export const JOBS: ResourceKind<V1Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  namespaced: true,
};

export const INGRESSES: ResourceKind<V1Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
};

export const GAFAELFAWR_INGRESSES: ResourceKind<GafaelfawrIngress> = {
  group: 'gafaelfawr.lsst.io',
  version: 'v1alpha1',
  kind: 'GafaelfawrIngress',
  plural: 'gafaelfawringresses',
  namespaced: true,
};

export const HTTP_ROUTES: ResourceKind<HttpRoute> = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
};

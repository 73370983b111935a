import { WIDGETS } from './widgets.js';

const CORE = '/api/v1';
const GROUP_OF: Readonly<Record<string, string>> = {
  leases: '/apis/coordination.k8s.io/v1',
  jobs: '/apis/batch/v1',
  deployments: '/apis/apps/v1',
  ingresses: '/apis/networking.k8s.io/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
  widgets: `/apis/${WIDGETS}`,
};

/** The path of a collection in a namespace. */
export const pathOf = (namespace: string, plural: string): string =>
  `${GROUP_OF[plural] ?? CORE}/namespaces/${namespace}/${plural}`;

/** A path with a query. */
export const asking = (path: string, query: Readonly<Record<string, string | number>>): string =>
  `${path}?${Object.entries(query)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&')}`;

import { coreColumns } from '../tables/core-columns.js';
import * as core from './core-strategies.js';
import { define } from './define.js';
import { eventStrategy, nodeStrategy } from './node-event-strategies.js';
import type { Resource } from './resource.js';

const BINDING = { name: 'binding', kind: 'Binding', verbs: ['create'] };
const EVICTION = { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] };
const FINALIZE = { name: 'finalize', kind: 'Namespace', verbs: ['update'] };
const CLAIM = 'PersistentVolumeClaim';

/** The resources of the core group. */
export const CORE: readonly Resource[] = [
  define('', 'v1', {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    cluster: true,
    strategy: core.namespaceStrategy,
    columns: coreColumns.namespace,
    subresources: [FINALIZE],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  }),
  define('', 'v1', {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    strategy: core.podStrategy,
    columns: coreColumns.pod,
    subresources: [BINDING, EVICTION],
  }),
  define('', 'v1', {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    strategy: core.serviceStrategy,
    columns: coreColumns.service,
  }),
  define('', 'v1', {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    strategy: core.configMapStrategy,
    columns: coreColumns.configMap,
  }),
  define('', 'v1', {
    kind: 'Secret',
    plural: 'secrets',
    strategy: core.secretStrategy,
    columns: coreColumns.secret,
  }),
  define('', 'v1', {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    strategy: { returnsDeleted: true },
    columns: coreColumns.serviceAccount,
  }),
  define('', 'v1', {
    kind: CLAIM,
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    strategy: core.claimStrategy,
    columns: coreColumns.claim,
  }),
  define('', 'v1', {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    cluster: true,
    strategy: core.volumeStrategy,
    columns: coreColumns.volume,
  }),
  define('', 'v1', {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    cluster: true,
    strategy: nodeStrategy,
    columns: coreColumns.node,
  }),
  define('', 'v1', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    strategy: eventStrategy,
    columns: coreColumns.event,
  }),
  define('', 'v1', {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    strategy: core.quotaStrategy,
    columns: coreColumns.quota,
  }),
  define('', 'v1', {
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    columns: coreColumns.created,
  }),
  define('', 'v1', { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] }),
];

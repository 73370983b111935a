import { crdStrategy } from '../crd/crd-strategy.js';
import { coreColumns } from '../tables/core-columns.js';
import { groupColumns } from '../tables/group-columns.js';
import { define } from './define.js';
import * as group from './group-strategies.js';
import type { Resource } from './resource.js';

const STATUS_ONLY = { generation: true, statusSubresource: true };

const APPS: readonly Resource[] = [
  define('apps', 'v1', {
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    strategy: group.workloadStrategy,
    columns: groupColumns.deployment,
  }),
  define('apps', 'v1', {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    categories: ['all'],
    strategy: group.workloadStrategy,
  }),
  define('apps', 'v1', {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    strategy: group.workloadStrategy,
  }),
  define('apps', 'v1', {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    categories: ['all'],
    strategy: group.workloadStrategy,
  }),
];

const BATCH: readonly Resource[] = [
  define('batch', 'v1', {
    kind: 'Job',
    plural: 'jobs',
    categories: ['all'],
    strategy: group.jobStrategy,
    columns: groupColumns.job,
  }),
  define('batch', 'v1', {
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    strategy: STATUS_ONLY,
  }),
];

const NETWORKING: readonly Resource[] = [
  define('networking.k8s.io', 'v1', {
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    strategy: group.ingressStrategy,
    columns: groupColumns.ingress,
  }),
  define('networking.k8s.io', 'v1', {
    kind: 'IngressClass',
    plural: 'ingressclasses',
    cluster: true,
    strategy: { generation: true },
  }),
  define('networking.k8s.io', 'v1', {
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    strategy: group.networkPolicyStrategy,
    columns: groupColumns.networkPolicy,
  }),
];

const RBAC_PATHS = { nameRule: 'path' } as const;

const OTHERS: readonly Resource[] = [
  define('coordination.k8s.io', 'v1', {
    kind: 'Lease',
    plural: 'leases',
    strategy: group.leaseStrategy,
    columns: groupColumns.lease,
  }),
  define('storage.k8s.io', 'v1', {
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    cluster: true,
    strategy: group.storageClassStrategy,
    columns: groupColumns.storageClass,
  }),
  define('scheduling.k8s.io', 'v1', {
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    cluster: true,
    strategy: group.priorityClassStrategy,
    columns: groupColumns.priorityClass,
  }),
  define('rbac.authorization.k8s.io', 'v1', {
    kind: 'Role',
    plural: 'roles',
    strategy: RBAC_PATHS,
    columns: coreColumns.created,
  }),
  define('rbac.authorization.k8s.io', 'v1', {
    kind: 'RoleBinding',
    plural: 'rolebindings',
    strategy: RBAC_PATHS,
  }),
  define('rbac.authorization.k8s.io', 'v1', {
    kind: 'ClusterRole',
    plural: 'clusterroles',
    cluster: true,
    strategy: RBAC_PATHS,
    columns: coreColumns.created,
  }),
  define('rbac.authorization.k8s.io', 'v1', {
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    cluster: true,
    strategy: RBAC_PATHS,
  }),
  define('policy', 'v1', {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    strategy: STATUS_ONLY,
  }),
  define('discovery.k8s.io', 'v1', {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    strategy: { generation: true },
  }),
  define('admissionregistration.k8s.io', 'v1', {
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
    cluster: true,
    categories: ['api-extensions'],
    strategy: STATUS_ONLY,
  }),
  define('admissionregistration.k8s.io', 'v1', {
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    cluster: true,
    categories: ['api-extensions'],
    strategy: { generation: true },
  }),
  define('apiextensions.k8s.io', 'v1', {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    cluster: true,
    strategy: crdStrategy,
    columns: coreColumns.created,
  }),
];

/** The resources of all other groups. */
export const GROUPS: readonly Resource[] = [...APPS, ...BATCH, ...NETWORKING, ...OTHERS];

import type {
  V1ConfigMap,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ResourceQuota,
  V1StorageClass,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';

/**
 * The least that any object of the API has. Timestamps are strings on our side: we read and write plain
 * JSON and never the SDK's serialiser, which drops the fields it does not know.
 */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
}

/** Names a resource of the API and, for the compiler, the shape of its objects. */
export interface ResourceKind<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Carries `T` only; never set. */
  readonly shape?: T;
}

/** Names one object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

const core = <T extends KubeObject>(kind: string, plural: string, namespaced = true): ResourceKind<T> => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced,
});

export const NAMESPACES = core<V1Namespace>('Namespace', 'namespaces', false);
export const NODES = core<V1Node>('Node', 'nodes', false);
export const PODS = core<V1Pod>('Pod', 'pods');
export const SERVICES = core<V1Service>('Service', 'services');
export const CONFIG_MAPS = core<V1ConfigMap>('ConfigMap', 'configmaps');
export const SECRETS = core<V1Secret>('Secret', 'secrets');
export const SERVICE_ACCOUNTS = core<V1ServiceAccount>('ServiceAccount', 'serviceaccounts');
export const RESOURCE_QUOTAS = core<V1ResourceQuota>('ResourceQuota', 'resourcequotas');
export const VOLUME_CLAIMS = core<V1PersistentVolumeClaim>('PersistentVolumeClaim', 'persistentvolumeclaims');
export const STORAGE_CLASSES: ResourceKind<V1StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
export const NETWORK_POLICIES: ResourceKind<V1NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};

/** `v1`, `batch/v1`. */
export const apiVersionOf = (kind: ResourceKind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

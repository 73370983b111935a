/**
 * How lists merge, by field name and the path of field names above it: a merge key, or 'set' for lists of plain
 * values. Lists that are not named here are replaced whole. Source: the `patchMergeKey` marks of the API types.
 */
const BY_FIELD: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  resourceClaims: 'name',
  schedulingGates: 'name',
  conditions: 'type',
  podIPs: 'ip',
  hostIPs: 'ip',
  addresses: 'type',
  secrets: 'name',
  ownerReferences: 'uid',
  finalizers: 'set',
  clusterResourceQuotas: 'name',
};

/** Marks that hold only under a certain parent. */
const BY_PARENT: Readonly<Record<string, string>> = {
  'metadata.finalizers': 'set',
  'spec.finalizers': '',
  'containers.ports': 'containerPort',
  'initContainers.ports': 'containerPort',
  'spec.ports': 'port',
  'spec.taints': 'key',
  'spec.podCIDRs': 'set',
  // A service account's own list is replaced whole; a pod's merges.
  '.imagePullSecrets': '',
};

export function mergeKeyOf(parent: string, field: string): string | undefined {
  const key = BY_PARENT[`${parent}.${field}`] ?? BY_FIELD[field];
  return key === '' ? undefined : key;
}

import type { PolicyProbe, ResourceKind } from './kubernetes/index.js';

/** A name that the chart's policies refuse to everybody, and that nobody else wants. */
const NAME = 'berth-policy-probe';

/** No instance of Berth, no user and no file server lives there. */
const ELSEWHERE = 'kube-system';

const CONFIG_MAPS: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

const LABS: ResourceKind = {
  group: 'berth.dev',
  version: 'v1alpha1',
  kind: 'Lab',
  plural: 'labs',
  namespaced: true,
};

/** What the policies of the chart must refuse us, though our roles allow it. */
export function policyProbes(ownNamespace: string): readonly PolicyProbe[] {
  return [
    {
      kind: CONFIG_MAPS,
      namespace: ELSEWHERE,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME } },
      purpose: 'keeps Berth out of namespaces that are not its own',
    },
    {
      kind: LABS,
      namespace: ownNamespace,
      body: aLab(),
      purpose: 'keeps others from writing Labs',
    },
  ];
}

/** Whole, because the schema is asked before any policy. */
const aLab = (): object => {
  const none = { milliCpu: 1, memoryBytes: 1 };
  return {
    apiVersion: 'berth.dev/v1alpha1',
    kind: 'Lab',
    metadata: { name: NAME },
    spec: {
      user: { username: NAME, uid: 65_534, gid: 65_534, groups: [] },
      labName: 'default',
      desiredState: 'stopped',
      operation: { id: 'aaaaaaaaaa', kind: 'stop', acceptedAt: '1970-01-01T00:00:00Z' },
      image: { reference: 'none', tag: 'none', digest: 'none', displayName: 'none' },
      size: 'none',
      resources: { limits: none, requests: none },
      options: { enableDebug: false, resetUserEnv: false },
      servicePrefix: '/',
      lane: 0,
    },
  };
};

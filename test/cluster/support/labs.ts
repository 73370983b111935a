/** A Lab as Berth writes one, whole, because the schema is asked before any policy. */
export const aLab = (name: string): object => ({
  apiVersion: 'berth.dev/v1alpha1',
  kind: 'Lab',
  metadata: { name },
  spec: {
    user: { username: name, uid: 1101, gid: 1101, groups: [] },
    labName: 'default',
    desiredState: 'running',
    operation: { id: 'aaaaaaaaaa', kind: 'spawn', acceptedAt: '2026-01-01T00:00:00Z' },
    image: { reference: 'a/b:c', tag: 'c', digest: 'sha256:1', displayName: 'C' },
    size: 'small',
    resources: {
      limits: { milliCpu: 1, memoryBytes: 1 },
      requests: { milliCpu: 1, memoryBytes: 1 },
    },
    options: { enableDebug: false, resetUserEnv: false },
    servicePrefix: '/nb/user/x/',
    lane: 0,
  },
});

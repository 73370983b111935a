import { randomUUID } from 'node:crypto';

import type { Cluster } from './cluster.js';
import type { KubeObject } from './objects.js';
import { timestamp } from './objects.js';

const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const SYSTEM_PRIORITIES: readonly (readonly [string, number])[] = [
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
];

/** What a cluster holds before anybody uses it. */
export function bootstrap(cluster: Cluster, namespaces: readonly string[]): void {
  for (const name of new Set([...SYSTEM_NAMESPACES, ...namespaces])) {
    cluster.write('namespaces', {
      ...base(cluster, 'Namespace', 'v1', name),
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  for (const [name, value] of SYSTEM_PRIORITIES) {
    cluster.write('priorityclasses.scheduling.k8s.io', {
      ...base(cluster, 'PriorityClass', 'scheduling.k8s.io/v1', name),
      value,
      preemptionPolicy: 'PreemptLowerPriority',
    });
  }
}

function base(cluster: Cluster, kind: string, apiVersion: string, name: string): KubeObject {
  const labels = { 'kubernetes.io/metadata.name': name };
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      uid: randomUUID(),
      creationTimestamp: timestamp(cluster.nowMs()),
      ...(kind === 'Namespace' ? { labels } : { generation: 1 }),
    },
  };
}

import type { RequestRecord } from '../simulator/server/index.js';
import { startCluster } from '../simulator/cluster.js';

/**
 * The embedded cluster in a process of its own, so that its work is not taken for Berth's.
 * Speaks over IPC: tells its addresses once, and on each `count` what was asked of the API server since the one before.
 */
export interface ClusterAddresses {
  readonly kind: 'addresses';
  readonly apiUrl: string;
  readonly kubeconfig: object;
  readonly registryHost: string;
  readonly repository: string;
  readonly repertoireUrl: string;
}

/** Requests by `<who> <verb> <resource>`. */
export interface RequestCounts {
  readonly kind: 'counts';
  readonly counts: Readonly<Record<string, number>>;
}

/** Who asked: the controller under test, the floor, or anybody else. */
function keyOf({ userAgent, verb, resource, subresource }: RequestRecord): string {
  const who = ['berth', 'floor'].find((one) => userAgent.startsWith(`${one}/`)) ?? 'other';
  return `${who} ${verb} ${subresource === '' ? resource : `${resource}/${subresource}`}`;
}

async function main(): Promise<void> {
  const cluster = await startCluster({
    instant: true,
    nodes: 20,
    registry: {},
    identity: {},
    namespaces: ['berth', 'floor'],
  });
  let counts: Record<string, number> = {};
  cluster.api.onRequest((record) => {
    const key = keyOf(record);
    counts[key] = (counts[key] ?? 0) + 1;
  });
  process.on('message', (message) => {
    if (message !== 'count') return;
    process.send?.({ kind: 'counts', counts } satisfies RequestCounts);
    counts = {};
  });
  process.on('disconnect', () => {
    void cluster.close().then(() => process.exit(0));
  });
  process.send?.({
    kind: 'addresses',
    apiUrl: cluster.api.url,
    kubeconfig: cluster.kubeconfig('berth'),
    registryHost: cluster.registry?.host ?? '',
    repository: cluster.registry?.repository ?? '',
    repertoireUrl: cluster.identity?.repertoireUrl ?? '',
  } satisfies ClusterAddresses);
}

await main();

import type { RequestRecord } from '../simulator/server/index.js';
import type { ApiAddress } from './api.js';
import { embedded, fleet, real } from './clusters.js';

/**
 * The cluster in a process of its own, so that its work is not taken for Berth's. Its first argument says which, its second how
 * many labs it must have room for.
 * Speaks over IPC: tells its addresses once, and on each `count` what was asked of the API server since the one before.
 */
export interface ClusterAddresses {
  readonly kind: 'addresses';
  readonly api: ApiAddress;
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

/** Writes a second that the design expects of the embedded cluster on two cores (section 9). */
const DESIGN_WRITES = 1_000;

const CLUSTERS = {
  embedded,
  paced: (labs: number) => embedded(labs, DESIGN_WRITES),
  fleet,
  real,
  'real-second': (labs: number) => real(labs, { startMs: 1_000 }),
  'real-stock': (labs: number) => real(labs, { limits: 'stock' }),
};

export type ClusterKind = keyof typeof CLUSTERS;

async function main(): Promise<void> {
  const [, , kind, labs] = process.argv;
  const cluster = await CLUSTERS[kind as ClusterKind](Number(labs));
  let counts: Record<string, number> = {};
  cluster.onRequest((record) => {
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
  const { api, kubeconfig, registryHost, repository, repertoireUrl } = cluster;
  const addresses = { api, kubeconfig, registryHost, repository, repertoireUrl };
  process.send?.({ kind: 'addresses', ...addresses } satisfies ClusterAddresses);
}

await main();

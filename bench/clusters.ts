import { startCluster } from '../simulator/cluster.js';
import type { ClusterOptions } from '../simulator/cluster.js';
import { startIdentity } from '../simulator/identity/index.js';
import { startRegistry } from '../simulator/registry/index.js';
import type { Registry } from '../simulator/registry/index.js';
import type { RequestRecord } from '../simulator/server/index.js';
import { startRealCluster } from '../test/cluster/harness/index.js';
import { BareClient, type ApiAddress } from './api.js';

/** A cluster for benchmarks, with nodes that start everything at once, a registry and an identity stub. */
export interface BenchCluster {
  readonly api: ApiAddress;
  readonly registryHost: string;
  readonly repository: string;
  readonly repertoireUrl: string;
  /** A kubeconfig for the namespace `berth`. */
  readonly kubeconfig: object;
  /** Calls back for each request; never on the real one, which keeps no account without being slowed down by it. */
  onRequest(callback: (record: RequestRecord) => void): void;
  close(): Promise<void>;
}

const NODES = 20;
/** A node takes 110 pods, as kubelets do by default. */
const LABS_A_NODE = 100;
const nodesFor = (labs: number): number => Math.max(NODES, Math.ceil(labs / LABS_A_NODE));
/** An image of the registry that no node ever finishes pulling. */
export const STUCK_TAG = 'exp_w_2026_45_new-kernel';
/** As many as issue and design speak of, each for all images that are to be kept. */
export const FLEET = { nodes: 200, images: 20 };

/** The cluster in miniature, inside this process, with room for so many labs; with `writesPerSecond`, no faster than that. */
export function embedded(labs: number, writesPerSecond?: number): Promise<BenchCluster> {
  const nodes = nodesFor(labs);
  return embeddedWith({ nodes, ...(writesPerSecond === undefined ? {} : { server: { writesPerSecond } }) });
}

/** The same with many nodes, and a registry with just the images that are to be kept on them. */
export function fleet(): Promise<BenchCluster> {
  const tags = Array.from({ length: FLEET.images }, (_, index) => `w_2077_${String(index + 1)}`);
  // Kubelets tell their images as seldom as real ones do, for a fleet that is brought up in a minute.
  return embeddedWith({
    nodes: FLEET.nodes,
    imagesReportMs: 2_000,
    heartbeatMs: 600_000,
    registry: { tags },
  });
}

async function embeddedWith(options: ClusterOptions): Promise<BenchCluster> {
  const cluster = await startCluster({
    instant: true,
    nodes: NODES,
    registry: {},
    identity: {},
    namespaces: ['berth', 'floor', 'fileservers'],
    ...options,
  });
  const { registry } = cluster;
  if (registry) cluster.kubelets.setScript(stuckImage(registry), { failure: 'hang' });
  return {
    api: { url: cluster.api.url },
    registryHost: registry?.host ?? '',
    repository: registry?.repository ?? '',
    repertoireUrl: cluster.identity?.repertoireUrl ?? '',
    kubeconfig: cluster.kubeconfig('berth'),
    onRequest: (callback) => cluster.api.onRequest(callback),
    close: () => cluster.close(),
  };
}

/** As a lab's pod names it. */
function stuckImage(registry: Registry): string {
  const image = `${registry.host}/${registry.repository}:${STUCK_TAG}`;
  return `${image}@${registry.resolve(image) ?? ''}`;
}

/** How a real control plane is run. */
interface RealPlane {
  /** Of its controllers; `stock` are those that every cluster has unless somebody raised them. */
  readonly limits?: 'raised' | 'stock';
  /** What a container takes to start, in milliseconds; 0 asks what the control plane alone costs. */
  readonly startMs?: number;
}

/** A real control plane in processes of its own, with room for so many labs; its kubelets run in this one. */
export async function real(
  labs: number,
  { limits = 'raised', startMs = 0 }: RealPlane = {},
): Promise<BenchCluster> {
  const registry = await startRegistry({});
  const identity = await startIdentity({});
  const digestOf = (image: string): string | undefined => registry.resolve(image);
  const scripts = { '*': { startMs }, [stuckImage(registry)]: { failure: 'hang' as const } };
  const kubelets = { instant: true, nodes: nodesFor(labs), scripts, digestOf };
  const cluster = await startRealCluster({ limits, kubelets });
  const api = { url: cluster.url, ca: cluster.ca, token: cluster.users.admin };
  const client = new BareClient(api);
  for (const name of ['berth', 'floor', 'fileservers'])
    await client.call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } });
  await client.close();
  return {
    api,
    registryHost: registry.host,
    repository: registry.repository,
    repertoireUrl: identity.repertoireUrl,
    kubeconfig: cluster.kubeconfig('berth'),
    onRequest: () => undefined,
    close: async () => {
      await cluster.stop();
      await identity.close();
      await registry.close();
    },
  };
}

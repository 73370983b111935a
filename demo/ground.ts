import { Agent, request } from 'undici';
import type { FleetOptions } from '../simulator/actors/index.js';
import { labPageScript, startCluster } from '../simulator/cluster.js';
import { startIdentity } from '../simulator/identity/index.js';
import { startRegistry } from '../simulator/registry/index.js';
import { ClusterProblem, startRealCluster } from '../test/cluster/harness/index.js';
import { DemoProblem } from './berth.js';

const MEBIBYTE = 1_048_576;
const REPOSITORY = 'berth/lab';
const NODES = 3;

/** What happens to images and containers on the scripted nodes, on either kind of cluster. */
const SCRIPTS: NonNullable<FleetOptions['scripts']> = {
  '*': { sizeBytes: 120 * MEBIBYTE, pullBytesPerSecond: 400 * MEBIBYTE, startMs: 100 },
  [REPOSITORY]: labPageScript({
    sizeBytes: 900 * MEBIBYTE,
    pullBytesPerSecond: 600 * MEBIBYTE,
    startMs: 200,
  }),
};

/** What Berth stands on: a cluster with scripted nodes, a registry and an identity stub. */
export interface Ground {
  readonly registryHost: string;
  readonly identityUrl: string;
  /** A kubeconfig of somebody who may do everything. */
  kubeconfig(namespace: string): object;
  /** Reads an object or a list of the Kubernetes API. */
  get<T>(path: string): Promise<T>;
  /** Creates an object; throws if it is refused. */
  create(path: string, object: object): Promise<void>;
  close(): Promise<void>;
}

/** The cluster in miniature, inside this process. */
export async function embeddedGround(): Promise<Ground> {
  const cluster = await startCluster({
    nodes: NODES,
    registry: { repository: REPOSITORY },
    identity: {},
    scripts: SCRIPTS,
  });
  const { registry, identity } = cluster;
  if (!registry || !identity) throw new Error('The cluster was started without registry or identity stub.');
  const api = new KubeApi({ url: cluster.api.url });
  return {
    registryHost: registry.host,
    identityUrl: identity.url,
    kubeconfig: (namespace) => cluster.kubeconfig(namespace),
    get: (path) => api.get(path),
    create: (path, object) => api.create(path, object),
    close: async () => {
      await api.close();
      await cluster.close();
    },
  };
}

/** A real control plane of its own, with the same scripted nodes, registry and identity stub beside it. */
export async function realGround(): Promise<Ground> {
  const registry = await startRegistry({ repository: REPOSITORY });
  const identity = await startIdentity({});
  const closeOthers = async (): Promise<void> => {
    await identity.close();
    await registry.close();
  };
  try {
    const digestOf = (image: string): string | undefined => registry.resolve(image);
    const cluster = await startRealCluster({ kubelets: { nodes: NODES, scripts: SCRIPTS, digestOf } });
    const api = new KubeApi({ url: cluster.url, ca: cluster.ca, token: cluster.users.admin ?? '' });
    await api.create('api/v1/namespaces', { metadata: { name: 'berth' } });
    return {
      registryHost: registry.host,
      identityUrl: identity.url,
      kubeconfig: (namespace) => cluster.kubeconfig(namespace),
      get: (path) => api.get(path),
      create: (path, object) => api.create(path, object),
      close: async () => {
        await api.close();
        await cluster.stop();
        await closeOthers();
      },
    };
  } catch (error) {
    await closeOthers();
    throw error instanceof ClusterProblem ? new DemoProblem(error.message) : error;
  }
}

/** The few requests that the demo makes for itself. */
class KubeApi {
  private readonly dispatcher: Agent;
  private readonly headers: Record<string, string>;

  constructor(private readonly server: { url: string; ca?: string; token?: string }) {
    const { ca, token } = server;
    this.dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
    this.headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async get<T>(path: string): Promise<T> {
    const { dispatcher, headers } = this;
    const answer = await request(`${this.server.url}/${path}`, { dispatcher, headers });
    return (await answer.body.json()) as T;
  }

  async create(path: string, object: object): Promise<void> {
    const { body, statusCode } = await request(`${this.server.url}/${path}`, {
      dispatcher: this.dispatcher,
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: JSON.stringify(object),
    });
    const text = await body.text();
    if (statusCode !== 201) throw new Error(`POST ${path} answered ${String(statusCode)}: ${text}`);
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }
}

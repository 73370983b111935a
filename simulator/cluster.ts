import type { ActorOptions, Fleet, FleetOptions } from './actors/index.js';
import { startActors } from './actors/index.js';
import type { Identity, IdentityOptions } from './identity/index.js';
import { startIdentity } from './identity/index.js';
import type { Registry, RegistryOptions } from './registry/index.js';
import { startRegistry } from './registry/index.js';
import type { ApiServer, ApiServerOptions } from './server/index.js';
import { startApiServer } from './server/index.js';

export { labPageScript } from './actors/index.js';

export interface ClusterOptions
  extends FleetOptions, Pick<ActorOptions, 'namespaceMinimumMs' | 'ingresses' | 'only'> {
  /** The API server's port; 0, the default, takes a free one. */
  port?: number;
  /** Made at start, beside those that every cluster has; default `berth`. */
  namespaces?: string[];
  /** The same options as at the top, in one place; these win. */
  kubelets?: FleetOptions;
  server?: ApiServerOptions;
  /** With a registry beside the cluster; kubelets then know the digests of its tags. */
  registry?: RegistryOptions;
  /** With an identity stub beside the cluster. */
  identity?: IdentityOptions;
}

export interface Cluster {
  api: ApiServer;
  /** The scripted nodes: what they do to images and pods can be changed while they run. */
  kubelets: Fleet;
  registry?: Registry;
  identity?: Identity;
  /** A kubeconfig whose context has this namespace; its JSON is a valid kubeconfig file. */
  kubeconfig(namespace?: string): object;
  /** Ends everything that was started, the newest first. */
  close(): Promise<void>;
}

/** Starts a whole cluster in this process: API server, controllers and scripted nodes, and what else is asked for. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  const opened = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    closers.push(() => started.close());
    return started;
  };
  try {
    const { port = 0, namespaces = ['berth'] } = options;
    const api = await opened(startApiServer({ namespaces, port, ...options.server }));
    const registry = options.registry && (await opened(startRegistry(options.registry)));
    const identity = options.identity && (await opened(startIdentity(options.identity)));
    const actors = await opened(startActors(actorOptions(options, api, registry)));
    return {
      api,
      kubelets: actors.fleet,
      ...(registry && { registry }),
      ...(identity && { identity }),
      kubeconfig: (namespace) => api.kubeconfig(namespace),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function actorOptions(options: ClusterOptions, api: ApiServer, registry: Registry | undefined): ActorOptions {
  const { kubelets, namespaceMinimumMs, ingresses, only, ...fleet } = options;
  const resolved = registry && { digestOf: (image: string) => registry.resolve(image) };
  return {
    server: { url: api.url },
    kubelets: { ...resolved, ...fleet, ...kubelets },
    ...(only && { only }),
    ...(namespaceMinimumMs !== undefined && { namespaceMinimumMs }),
    ...(ingresses && { ingresses }),
  };
}

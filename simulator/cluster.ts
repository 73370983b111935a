import type { ActorOptions, Fleet, FleetOptions } from './actors/index.js';
import { startActors } from './actors/index.js';
import type { ApiServer, ApiServerOptions } from './server/index.js';
import { startApiServer } from './server/index.js';

export interface ClusterOptions
  extends FleetOptions, Pick<ActorOptions, 'namespaceMinimumMs' | 'ingresses' | 'only'> {
  /** The API server's port; 0, the default, takes a free one. */
  port?: number;
  server?: ApiServerOptions;
}

export interface EmbeddedCluster {
  api: ApiServer;
  /** The scripted nodes: what they do to images and pods can be changed while they run. */
  kubelets: Fleet;
  /** A kubeconfig whose context has this namespace; its JSON is a valid kubeconfig file. */
  kubeconfig(namespace?: string): object;
  /** Ends everything that was started, the newest first. */
  close(): Promise<void>;
}

/** Starts a whole cluster in this process: API server, controllers and scripted nodes. */
export async function startCluster(options: ClusterOptions = {}): Promise<EmbeddedCluster> {
  const { port = 0, server, namespaceMinimumMs, ingresses, only, ...kubelets } = options;
  const api = await startApiServer({ ...server, port });
  const actors = await startActors({
    server: { url: api.url },
    kubelets,
    ...(only && { only }),
    ...(namespaceMinimumMs !== undefined && { namespaceMinimumMs }),
    ...(ingresses && { ingresses }),
  });
  return {
    api,
    kubelets: actors.fleet,
    kubeconfig: (namespace) => api.kubeconfig(namespace),
    close: async () => {
      await actors.close();
      await api.close();
    },
  };
}

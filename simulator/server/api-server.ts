import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { AccessAttributes } from './cluster.js';
import { Cluster } from './cluster.js';
import { CrdController } from './crd/crd-controller.js';
import { Connection } from './http/connection.js';
import type { Watch } from './handlers/watch.js';
import { bootstrap } from './bootstrap.js';
import { kubeconfigFor } from './kubeconfig.js';
import { QuotaController } from './admission/quota-controller.js';
import type { KubeObject } from './objects.js';
import type { Saved } from './store/store.js';

export interface ApiServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Loopback by default. */
  readonly host?: string;
  /** Created at start, beside those that every cluster has. */
  readonly namespaces?: readonly string[];
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Changes remembered for each resource (10,000); a watch from before them gets 410. */
  readonly historySize?: number;
  /** How often watches that ask for bookmarks get one (a minute). */
  readonly bookmarkIntervalMs?: number;
  /** What access reviews refuse, and why; everything is allowed by default. */
  readonly deny?: (attributes: AccessAttributes) => string | undefined;
  /** Writes are served no faster than this; as fast as they can be by default. */
  readonly writesPerSecond?: number;
}

export interface RequestRecord {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
  readonly userAgent: string;
}

/** What tests may see of the storage without asking over HTTP. */
export interface StoreView {
  /** Objects of all resources together. */
  readonly size: number;
  currentRevision(): number;
  /** All objects of a resource, named as in `pods` or `labs.berth.dev`. */
  dump(resource: string): KubeObject[];
  /** Forgets all history, so that watches and lists from before now get 410. */
  compact(): void;
  /** Everything that is stored, for `restore`. */
  save(): Saved;
  /** Puts everything back, as a restored etcd does; watches from before are answered with 410. */
  restore(saved: Saved): void;
}

export interface ApiServer {
  readonly url: string;
  readonly port: number;
  readonly store: StoreView;
  /** A kubeconfig as an object; its JSON is a valid kubeconfig file. */
  kubeconfig(namespace?: string): object;
  /** Calls back once a request is answered, for a watch when it opens; the returned function ends that. */
  onRequest(callback: (record: RequestRecord) => void): () => void;
  /** Ends all watches and connections. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HISTORY = 10_000;
const KEEP_ALIVE_MS = 75_000;

/** Starts an API server with the system namespaces and nothing else. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const cluster = new Cluster({
    now: options.clock ?? Date.now,
    historySize: options.historySize ?? HISTORY,
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? MINUTE_MS,
    deny: options.deny,
    writesPerSecond: options.writesPerSecond,
  });
  new CrdController(cluster);
  new QuotaController(cluster);
  bootstrap(cluster, options.namespaces ?? []);
  const running = new Running(cluster);
  await running.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return running;
}

class Running implements ApiServer {
  private readonly server: Server;
  private readonly watches = new Set<Watch>();
  private readonly listeners = new Set<(record: RequestRecord) => void>();
  readonly store: StoreView;
  url = '';
  port = 0;

  constructor(private readonly cluster: Cluster) {
    this.server = createServer((message, response) => this.onRequestMessage(message, response));
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.requestTimeout = 0;
    const { store } = cluster;
    this.store = {
      get size() {
        return store.size;
      },
      currentRevision: () => store.currentRevision,
      dump: (resource) => store.dump(resource),
      compact: () => store.compact(),
      save: () => store.save(),
      restore: (saved) => store.restore(saved),
    };
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
    this.url = `http://${host}:${this.port}`;
  }

  kubeconfig(namespace = 'default'): object {
    return kubeconfigFor(this.url, namespace);
  }

  onRequest(callback: (record: RequestRecord) => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  async close(): Promise<void> {
    for (const watch of [...this.watches]) watch.finish();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private onRequestMessage(message: IncomingMessage, response: ServerResponse): void {
    const connection = new Connection(this.cluster, message, response);
    connection.onDone = (record) => this.listeners.forEach((listener) => listener(record));
    connection.onWatch = (watch) => {
      this.watches.add(watch);
      response.on('close', () => this.watches.delete(watch));
    };
    void connection.serve();
  }
}

import { isStatus } from './client.js';
import { keyOf } from './informer.js';
import { KeyQueue, sleep } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor, KubeObject } from './types.js';

export interface IngressOptions {
  /** Real milliseconds from the Ingress to its address; default 50. */
  delayMs?: number;
  /** Default `{ ip: '192.0.2.10' }`. */
  address?: { ip: string } | { hostname: string };
}

interface Ingress extends KubeObject {
  status?: { loadBalancer?: { ingress?: object[] } };
}

interface GafaelfawrIngress extends KubeObject {
  config?: object;
  template?: {
    metadata?: { name?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
    spec?: object;
  };
}

const ingressesPath = '/apis/networking.k8s.io/v1/ingresses';
const gafaelfawrPath = '/apis/gafaelfawr.lsst.io/v1alpha1/gafaelfawringresses';

/** Gives each Ingress an address after a while. */
export class IngressAddresses implements Actor {
  private readonly queue = new KeyQueue((key) => this.work(key), 64);
  private readonly closing = new AbortController();
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly informers: SharedInformers,
    private readonly options: IngressOptions = {},
  ) {}

  async start(): Promise<void> {
    const ingresses = this.informers.get<Ingress>(ingressesPath);
    await ingresses.start();
    this.unsubscribe = ingresses.subscribe({
      changed: (ingress) => {
        if (needsAddress(ingress)) this.queue.add(keyOf(ingress));
      },
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.unsubscribe?.();
    await this.queue.close();
  }

  private async work(key: string): Promise<number | undefined> {
    const ingress = this.informers.get<Ingress>(ingressesPath).store.get(key);
    if (ingress === undefined || !needsAddress(ingress)) return undefined;
    const { delayMs = 50, address = { ip: '192.0.2.10' } } = this.options;
    await sleep(delayMs, this.closing.signal);
    if (this.closing.signal.aborted) return undefined;
    const { namespace = 'default', name } = ingress.metadata;
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
    await ignoringAbsence(
      this.informers.client.merge(path, { status: { loadBalancer: { ingress: [address] } } }),
    );
    return undefined;
  }
}

/** Makes of each GafaelfawrIngress the Ingress it describes, owned by it, as Gafaelfawr's operator does. */
export class GafaelfawrIngresses implements Actor {
  private readonly queue = new KeyQueue((key) => this.work(key), 8);
  private unsubscribe: (() => void)[] = [];
  private watching = false;

  constructor(private readonly informers: SharedInformers) {}

  async start(): Promise<void> {
    const definitions = this.informers.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    await definitions.start();
    this.unsubscribe.push(
      definitions.subscribe({
        changed: ({ metadata }) => {
          if (metadata.name === 'gafaelfawringresses.gafaelfawr.lsst.io') this.watch();
        },
      }),
    );
  }

  async close(): Promise<void> {
    for (const each of this.unsubscribe) each();
    await this.queue.close();
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const wishes = this.informers.get<GafaelfawrIngress>(gafaelfawrPath);
    this.unsubscribe.push(wishes.subscribe({ changed: (wish) => this.queue.add(keyOf(wish)) }));
    void wishes.start();
  }

  private async work(key: string): Promise<number | undefined> {
    const wish = this.informers.get<GafaelfawrIngress>(gafaelfawrPath).store.get(key);
    if (wish === undefined || wish.metadata.deletionTimestamp !== undefined) return undefined;
    const { namespace = 'default', name, uid } = wish.metadata;
    const { metadata = {}, spec = {} } = wish.template ?? {};
    const owner = {
      apiVersion: 'gafaelfawr.lsst.io/v1alpha1',
      kind: 'GafaelfawrIngress',
      name,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    const collection = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`;
    await ignoringAbsence(
      this.informers.client.createIfAbsent(collection, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { ...metadata, name: metadata.name ?? name, namespace, ownerReferences: [owner] },
        spec: { ingressClassName: 'nginx', ...spec },
      }),
    );
    return undefined;
  }
}

const needsAddress = ({ metadata, status }: Ingress): boolean =>
  metadata.deletionTimestamp === undefined && (status?.loadBalancer?.ingress ?? []).length === 0;

async function ignoringAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isStatus(error, 403, 404)) throw error;
  }
}

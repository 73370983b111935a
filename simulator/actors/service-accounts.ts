import { isStatus } from './client.js';
import { KeyQueue } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor, KubeObject } from './types.js';

const path = '/api/v1/namespaces';
const authority = '-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n';

/** Gives each living namespace its `default` ServiceAccount and the ConfigMap with the cluster's authority. */
export class ServiceAccounts implements Actor {
  private readonly queue = new KeyQueue((name) => this.work(name), 8);
  private unsubscribe: (() => void)[] = [];

  constructor(private readonly informers: SharedInformers) {}

  async start(): Promise<void> {
    const namespaces = this.informers.get(path);
    const accounts = this.informers.get('/api/v1/serviceaccounts');
    await Promise.all([namespaces.start(), accounts.start()]);
    const lost = ({ metadata }: KubeObject): void => {
      if (metadata.name === 'default') this.queue.add(metadata.namespace ?? 'default');
    };
    this.unsubscribe = [
      namespaces.subscribe({ changed: ({ metadata }) => this.queue.add(metadata.name) }),
      accounts.subscribe({ gone: lost }),
    ];
  }

  async close(): Promise<void> {
    for (const each of this.unsubscribe) each();
    await this.queue.close();
  }

  private async work(namespace: string): Promise<number | undefined> {
    const object = this.informers.get(path).store.get(namespace);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
    const accounts = this.informers.get('/api/v1/serviceaccounts').store;
    if (!accounts.has(`${namespace}/default`))
      await this.make(`${path}/${namespace}/serviceaccounts`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      });
    await this.make(`${path}/${namespace}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-root-ca.crt',
        namespace,
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
        },
      },
      data: { 'ca.crt': authority },
    });
    return undefined;
  }

  private async make(collection: string, object: object): Promise<void> {
    try {
      await this.informers.client.createIfAbsent(collection, object);
    } catch (error) {
      // The namespace went away or is going.
      if (!isStatus(error, 403, 404)) throw error;
    }
  }
}

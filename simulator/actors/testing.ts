import { Client } from './client.js';
import type { KubeObject, Pod } from './types.js';
import type { ApiServer } from '../server/index.js';

export interface EventObject extends KubeObject {
  reason: string;
  message: string;
  type: string;
  count?: number;
  involvedObject: { name: string; fieldPath?: string };
}

/** What the specs of the actors ask of a running cluster. */
export class Probe {
  readonly client: Client;

  constructor(private readonly api: ApiServer) {
    this.client = new Client({ url: api.url }, 'spec');
  }

  /** A namespace in which pods can be created: that is, once it has its service account. */
  async namespace(name: string): Promise<void> {
    await this.client.create('/api/v1/namespaces', { metadata: { name } });
    await this.when(`/api/v1/namespaces/${name}/serviceaccounts/default`, () => true);
  }

  /** A pod of one container `notebook`, or whatever `spec` says. */
  pod(namespace: string, name: string, spec: object = {}, metadata: object = {}): Promise<Pod> {
    const containers = [{ name: 'notebook', image: `reg.test/lab/${name}:1` }];
    return this.client.create<Pod>(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name, ...metadata },
      spec: { containers, ...spec },
    });
  }

  find<T extends KubeObject = Pod>(path: string): Promise<T | undefined> {
    return this.client.find<T>(path);
  }

  /** The pod as soon as `holds` says so of it; fails with its last status after half a minute. */
  podWhen(namespace: string, name: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    return this.when<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`, holds);
  }

  async when<T extends KubeObject>(path: string, holds: (object: T) => boolean): Promise<T> {
    const until = Date.now() + 30_000;
    for (;;) {
      const object = await this.client.find<T>(path);
      if (object !== undefined && holds(object)) return object;
      if (Date.now() > until) throw new Error(`never came true: ${JSON.stringify(object)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Resolves when nothing is at the path any more. */
  async gone(path: string): Promise<void> {
    const until = Date.now() + 30_000;
    for (;;) {
      const object = await this.client.find(path);
      if (object === undefined) return;
      if (Date.now() > until) throw new Error(`still there: ${JSON.stringify(object)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The Events about an object, in the order of their creation, once one has this reason (and is about this part). */
  async eventsUntil(namespace: string, name: string, reason: string, part = ''): Promise<EventObject[]> {
    const until = Date.now() + 30_000;
    for (;;) {
      const dump = this.api.store.dump('events') as unknown as EventObject[];
      const about = dump.filter(
        (each) => each.metadata.namespace === namespace && each.involvedObject.name === name,
      );
      const last = (each: EventObject): boolean =>
        each.reason === reason && (each.involvedObject.fieldPath ?? '').includes(part);
      if (about.some(last)) {
        const version = (each: EventObject): number => Number(each.metadata.resourceVersion);
        return about.sort((a, b) => version(a) - version(b));
      }
      if (Date.now() > until) throw new Error(`no ${reason} among ${JSON.stringify(about)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

export const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running';

export const waitingFor =
  (reason: string) =>
  ({ status }: Pod): boolean =>
    status?.containerStatuses?.[0]?.state.waiting?.reason === reason;

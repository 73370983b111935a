import type { Resource, Discovery } from './discovery.js';
import { listPath } from './discovery.js';
import { timestamp } from './events.js';
import { isStatus } from './client.js';
import { KeyQueue } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor, KubeObject } from './types.js';

interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string; conditions?: { type: string; status: string; message: string }[] };
}

interface Remaining {
  resource: Resource;
  count: number;
  finalizers: string[];
}

interface Page {
  metadata: { remainingItemCount?: number };
  items: KubeObject[] | null;
}

const path = '/api/v1/namespaces';
const againMs = 50;

/** Empties namespaces that are being deleted, pods first, then lets them go. */
export class NamespaceDeletion implements Actor {
  private readonly queue = new KeyQueue((name) => this.work(name), 16);
  private unsubscribe: (() => void) | undefined;

  /** `minimumMs`: real time from the deletion to the end at the earliest; a real controller needs 5,000. */
  constructor(
    private readonly informers: SharedInformers,
    private readonly discovery: Discovery,
    private readonly minimumMs: number,
  ) {}

  async start(): Promise<void> {
    const namespaces = this.informers.get<Namespace>(path);
    await namespaces.start();
    this.unsubscribe = namespaces.subscribe({
      changed: ({ metadata }) => {
        if (metadata.deletionTimestamp !== undefined) this.queue.add(metadata.name, this.minimumMs);
      },
    });
  }

  async close(): Promise<void> {
    this.unsubscribe?.();
    await this.queue.close();
  }

  private async work(name: string): Promise<number | undefined> {
    const namespace = this.informers.get<Namespace>(path).store.get(name);
    const finalizers = namespace?.spec?.finalizers ?? [];
    if (namespace?.metadata.deletionTimestamp === undefined || !finalizers.includes('kubernetes'))
      return undefined;
    const kinds = (await this.discovery.resources()).filter((each) => each.namespaced);
    const pods = kinds.filter((each) => each.name === 'pods' && each.groupVersion === 'v1');
    let remaining = await this.empty(name, pods);
    if (remaining.length === 0) remaining = await this.empty(name, kinds);
    if (remaining.length > 0) {
      await this.report(namespace, remaining);
      return againMs;
    }
    await this.finalize(namespace);
    return undefined;
  }

  /** Deletes what is there of these kinds; answers what is still there afterwards. */
  private async empty(namespace: string, kinds: Resource[]): Promise<Remaining[]> {
    const all = await Promise.all(
      kinds.map(async (resource) => {
        if ((await this.look(namespace, resource)) === undefined) return undefined;
        await this.deleteAll(listPath(resource, namespace));
        return this.look(namespace, resource);
      }),
    );
    return all.filter((each) => each !== undefined);
  }

  private async deleteAll(collection: string): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
    try {
      await this.informers.client.call('DELETE', collection, { body });
    } catch (error) {
      if (!isStatus(error, 404, 405)) throw error;
    }
  }

  private async look(namespace: string, resource: Resource): Promise<Remaining | undefined> {
    const { client } = this.informers;
    const page = await client
      .get<Page>(listPath(resource, namespace), { limit: '1' })
      .catch((error: unknown) => {
        if (isStatus(error, 404, 405)) return undefined;
        throw error;
      });
    const first = page?.items?.[0];
    if (first === undefined) return undefined;
    const count = 1 + (page?.metadata.remainingItemCount ?? 0);
    return { resource, count, finalizers: first.metadata.finalizers ?? [] };
  }

  private async report(namespace: Namespace, remaining: Remaining[]): Promise<void> {
    const conditions = conditionsOf(remaining);
    const before = namespace.status?.conditions?.map(({ type, status, message }) => type + status + message);
    if (before?.join() === conditions.map((each) => each.type + each.status + each.message).join()) return;
    const { name } = namespace.metadata;
    await this.informers.client.merge(`${path}/${name}/status`, { status: { conditions } });
  }

  private async finalize(namespace: Namespace): Promise<void> {
    const { name, uid } = namespace.metadata;
    const live = await this.informers.client.find<Namespace>(`${path}/${name}`);
    if (live?.metadata.uid !== uid) return;
    const finalizers = (live.spec?.finalizers ?? []).filter((each) => each !== 'kubernetes');
    const body = { ...live, apiVersion: 'v1', kind: 'Namespace', spec: { ...live.spec, finalizers } };
    try {
      await this.informers.client.replace(`${path}/${name}/finalize`, body);
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }
}

interface NamespaceCondition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

const done: Record<string, [reason: string, message: string]> = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: [
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  NamespaceDeletionContentFailure: [
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
};

function conditionsOf(remaining: Remaining[]): NamespaceCondition[] {
  const contents = remaining.map(
    ({ resource, count }) => `${fullName(resource)} has ${count} resource instances`,
  );
  const finalizers = remaining
    .filter((each) => each.finalizers.length > 0)
    .map((each) => `${each.finalizers.join(', ')} in ${each.count} resource instances`);
  const kept: Record<string, [string, string]> = {
    NamespaceContentRemaining: [
      'SomeResourcesRemain',
      `Some resources are remaining: ${contents.join(', ')}`,
    ],
    ...(finalizers.length > 0 && {
      NamespaceFinalizersRemaining: [
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
      ],
    }),
  };
  return Object.entries({ ...done, ...kept }).map(([type, [reason, message]]) => {
    const status = type in kept ? 'True' : 'False';
    return { type, status, lastTransitionTime: timestamp(), reason, message };
  });
}

function fullName({ groupVersion, name }: Resource): string {
  const [group, version] = groupVersion.split('/');
  return version === undefined ? `${name}.` : `${name}.${group ?? ''}`;
}

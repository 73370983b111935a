import { isStatus } from './client.js';
import type { Discovery, Resource } from './discovery.js';
import { listPath, objectPath } from './discovery.js';
import type { Item } from './graph.js';
import { OwnerGraph, ownersOf } from './graph.js';
import { KeyQueue } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor, KubeObject, OwnerReference } from './types.js';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';
/** How long an owner may lag behind its dependents on another watch before it is asked for. */
const lagMs = 50;

interface Verdict {
  solid: OwnerReference[];
  dangling: OwnerReference[];
  waiting: OwnerReference[];
}

/** Deletes what has lost all its owners, holds owners back that wait for their dependents, and sets orphans free. */
export class OwnerCollector implements Actor {
  private readonly graph = new OwnerGraph();
  private readonly queue = new KeyQueue((uid) => this.work(uid), 16);
  private readonly watched = new Map<string, () => void>();
  private kinds: Resource[] = [];
  private refreshing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly informers: SharedInformers,
    private readonly discovery: Discovery,
  ) {}

  async start(): Promise<void> {
    await this.refresh();
    this.discovery.onChange(() => {
      this.refreshing = this.refreshing.then(() => this.refresh()).catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const unsubscribe of this.watched.values()) unsubscribe();
    await this.queue.close();
  }

  /** Watches all kinds there are now. */
  private async refresh(): Promise<void> {
    if (this.closed) return;
    this.kinds = await this.discovery.resources();
    const current = new Map(this.kinds.map((each) => [listPath(each), each]));
    for (const [path, unsubscribe] of this.watched) {
      if (current.has(path)) continue;
      unsubscribe();
      this.watched.delete(path);
    }
    const fresh = [...current].filter(
      ([path, { name }]) => !this.watched.has(path) && name !== 'events' && name !== 'leases',
    );
    await Promise.all(fresh.map(([path, resource]) => this.watch(path, resource)));
  }

  private async watch(path: string, resource: Resource): Promise<void> {
    const informer = this.informers.get(path);
    this.watched.set(
      path,
      informer.subscribe({
        changed: (object) => this.seen({ resource, object }),
        gone: (object) => this.gone(object),
      }),
    );
    await informer.start();
  }

  private seen(item: Item): void {
    const { metadata } = item.object;
    this.graph.put(item);
    const held = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length > 0;
    if (held) this.queue.add(metadata.uid);
    else if (ownersOf(item).some((each) => !this.graph.knows(each, item.object)))
      this.queue.add(metadata.uid, lagMs);
  }

  private gone(object: KubeObject): void {
    const { uid, ownerReferences = [] } = object.metadata;
    this.graph.remove(uid);
    for (const { object: dependent } of this.graph.dependentsOf(uid)) this.queue.add(dependent.metadata.uid);
    // An owner that waits in the foreground may be free now.
    for (const owner of ownerReferences) if (this.graph.items.has(owner.uid)) this.queue.add(owner.uid);
  }

  private async work(uid: string): Promise<number | undefined> {
    const item = this.graph.items.get(uid);
    if (item === undefined) return undefined;
    const { deletionTimestamp, finalizers = [] } = item.object.metadata;
    if (deletionTimestamp === undefined) return this.judge(item);
    if (finalizers.includes(orphan)) return this.setFree(item);
    if (finalizers.includes(foreground)) return this.release(item);
    return undefined;
  }

  /** Decides from live owners whether the item may stay. */
  private async judge(item: Item): Promise<undefined> {
    const live = await this.live(item);
    if (live === undefined || ownersOf(live).length === 0) return undefined;
    const { solid, dangling, waiting } = await this.classify(live);
    if (solid.length > 0) {
      if (dangling.length + waiting.length > 0) await this.setOwners(live, solid);
      return undefined;
    }
    const blocks = waiting.length > 0 && this.graph.dependentsOf(live.object.metadata.uid).length > 0;
    await this.delete(live, blocks ? 'Foreground' : policyOf(live));
    return undefined;
  }

  private async classify(item: Item): Promise<Verdict> {
    const verdict: Verdict = { solid: [], dangling: [], waiting: [] };
    for (const reference of ownersOf(item)) {
      const owner = await this.owner(reference, item.object);
      if (owner?.metadata.uid !== reference.uid) verdict.dangling.push(reference);
      else if (waitsInForeground(owner)) verdict.waiting.push(reference);
      else verdict.solid.push(reference);
    }
    return verdict;
  }

  /** The owner is looked for in the dependent's own namespace: across namespaces it does not exist. */
  private async owner(reference: OwnerReference, dependent: KubeObject): Promise<KubeObject | undefined> {
    const group = groupOf(reference.apiVersion);
    const resource = this.kinds.find(
      (each) => each.kind === reference.kind && groupOf(each.groupVersion) === group,
    );
    if (resource === undefined) throw new Error(`no kind ${reference.apiVersion} ${reference.kind}`);
    const { namespace } = dependent.metadata;
    const path = objectPath(resource, { ...dependent.metadata, name: reference.name });
    if (resource.namespaced && namespace === undefined) return undefined;
    return this.informers.client.find<KubeObject>(path);
  }

  /** Lets an owner go whose blocking dependents are all gone; presses those that are not. */
  private async release(item: Item): Promise<undefined> {
    const { uid } = item.object.metadata;
    const dependents = this.graph.dependentsOf(uid);
    const blocking = dependents.filter((each) =>
      ownersOf(each).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    );
    if (blocking.length === 0) await this.dropFinalizer(item, foreground);
    for (const { object } of dependents)
      if (object.metadata.deletionTimestamp === undefined) this.queue.add(object.metadata.uid);
    return undefined;
  }

  private async setFree(item: Item): Promise<undefined> {
    const { uid } = item.object.metadata;
    for (const dependent of this.graph.dependentsOf(uid)) {
      const live = await this.live(dependent);
      if (live !== undefined)
        await this.setOwners(
          live,
          ownersOf(live).filter((each) => each.uid !== uid),
        );
    }
    await this.dropFinalizer(item, orphan);
    return undefined;
  }

  private async live({ resource, object }: Item): Promise<Item | undefined> {
    const live = await this.informers.client.find<KubeObject>(objectPath(resource, object.metadata));
    return live?.metadata.uid === object.metadata.uid ? { resource, object: live } : undefined;
  }

  private async setOwners({ resource, object }: Item, ownerReferences: OwnerReference[]): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const owners = ownerReferences.length === 0 ? null : ownerReferences;
    const metadata = { uid, resourceVersion, ownerReferences: owners };
    await this.informers.client.merge(objectPath(resource, object.metadata), { metadata });
  }

  private async dropFinalizer(item: Item, finalizer: string): Promise<void> {
    const live = await this.live(item);
    if (live?.object.metadata.finalizers?.includes(finalizer) !== true) return;
    const { uid, resourceVersion, finalizers } = live.object.metadata;
    const metadata = { uid, resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) };
    await this.informers.client.merge(objectPath(item.resource, item.object.metadata), { metadata });
  }

  private async delete({ resource, object }: Item, propagationPolicy: string): Promise<void> {
    const { uid } = object.metadata;
    try {
      const options = { preconditions: { uid }, propagationPolicy };
      await this.informers.client.remove(objectPath(resource, object.metadata), options);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }
}

const groupOf = (apiVersion: string): string => apiVersion.split('/').slice(0, -1).join('/');

const waitsInForeground = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(foreground);

function policyOf({ object }: Item): string {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(orphan)) return 'Orphan';
  return finalizers.includes(foreground) ? 'Foreground' : 'Background';
}

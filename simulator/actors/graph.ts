import type { Resource } from './discovery.js';
import type { KubeObject, OwnerReference } from './types.js';

/** An object as the collector sees it. */
export interface Item {
  resource: Resource;
  object: KubeObject;
}

export const ownersOf = ({ object }: Item): OwnerReference[] => object.metadata.ownerReferences ?? [];

/** Who owns whom, by UID. */
export class OwnerGraph {
  readonly items = new Map<string, Item>();
  private readonly dependents = new Map<string, Set<string>>();

  put(item: Item): void {
    const { uid } = item.object.metadata;
    this.unlink(this.items.get(uid));
    this.items.set(uid, item);
    for (const owner of ownersOf(item)) {
      const set = this.dependents.get(owner.uid) ?? new Set();
      this.dependents.set(owner.uid, set.add(uid));
    }
  }

  remove(uid: string): void {
    this.unlink(this.items.get(uid));
    this.items.delete(uid);
  }

  dependentsOf(uid: string): Item[] {
    return [...(this.dependents.get(uid) ?? [])].flatMap((each) => this.items.get(each) ?? []);
  }

  /** Whether the owner is known just where the reference says: by kind and name, cluster-wide or beside the dependent. */
  knows(reference: OwnerReference, dependent: KubeObject): boolean {
    const owner = this.items.get(reference.uid);
    if (owner?.object.metadata.name !== reference.name || owner.resource.kind !== reference.kind)
      return false;
    if (!owner.resource.namespaced) return true;
    return owner.object.metadata.namespace === dependent.metadata.namespace;
  }

  private unlink(item: Item | undefined): void {
    for (const owner of item === undefined ? [] : ownersOf(item)) {
      const set = this.dependents.get(owner.uid);
      set?.delete(item?.object.metadata.uid ?? '');
      if (set?.size === 0) this.dependents.delete(owner.uid);
    }
  }
}

import type { Entry } from './entry.js';

/** All objects of one resource, by namespace and name. Cluster-scoped objects live in the namespace ''. */
export class Table {
  private readonly spaces = new Map<string, Map<string, Entry>>();
  private readonly sorted = new Map<string, string[]>();
  private namespaceOrder: string[] | undefined;
  count = 0;

  get(namespace: string, name: string): Entry | undefined {
    return this.spaces.get(namespace)?.get(name);
  }

  put(entry: Entry): void {
    const space = this.space(entry.namespace);
    if (!space.has(entry.name)) {
      this.count++;
      this.sorted.delete(entry.namespace);
    }
    space.set(entry.name, entry);
  }

  remove(namespace: string, name: string): void {
    const space = this.spaces.get(namespace);
    if (!space?.delete(name)) return;
    this.count--;
    this.sorted.delete(namespace);
    if (space.size > 0) return;
    this.spaces.delete(namespace);
    this.namespaceOrder = undefined;
  }

  /** In the order of etcd's keys: by namespace, then by name. */
  list(namespace: string): Entry[] {
    if (namespace !== '') return this.listSpace(namespace);
    this.namespaceOrder ??= [...this.spaces.keys()].sort();
    return this.namespaceOrder.flatMap((space) => this.listSpace(space));
  }

  private listSpace(namespace: string): Entry[] {
    const space = this.spaces.get(namespace);
    if (!space) return [];
    let names = this.sorted.get(namespace);
    if (!names) {
      names = [...space.keys()].sort();
      this.sorted.set(namespace, names);
    }
    return names.flatMap((name) => space.get(name) ?? []);
  }

  private space(namespace: string): Map<string, Entry> {
    const present = this.spaces.get(namespace);
    if (present) return present;
    const made = new Map<string, Entry>();
    this.spaces.set(namespace, made);
    this.namespaceOrder = undefined;
    return made;
  }
}

import type { Change, Informers } from '../../src/kubernetes/index.js';

/** A Node object as JSON. */
interface NodeJson {
  readonly metadata?: { readonly name?: string };
}

type Project = (node: NodeJson) => unknown;

/** Stands where an informer of nodes would, for rooms that only watch. */
export class FakeNodes {
  readonly informers = { add: (spec: { project: Project }) => this.informer(spec) } as unknown as Informers;
  synced = false;
  private readonly nodes = new Map<string, unknown>();
  private readonly listeners = new Set<(change: Change<unknown>) => void>();
  private project: Project = (node) => node;

  put(node: NodeJson): void {
    const key = node.metadata?.name ?? '';
    const value = this.project(node);
    this.nodes.set(key, value);
    this.tell({ kind: 'updated', key, value });
  }

  remove(key: string): void {
    const value = this.nodes.get(key);
    this.nodes.delete(key);
    this.tell({ kind: 'deleted', key, value });
  }

  private tell(change: Change<unknown>): void {
    for (const listener of this.listeners) listener(change);
  }

  private informer({ project }: { project: Project }): object {
    this.project = project;
    const isSynced = () => this.synced;
    return {
      get synced() {
        return isSynced();
      },
      list: () => [...this.nodes.values()],
      get: ({ name }: { name: string }) => this.nodes.get(name),
      onChange: (listener: (change: Change<unknown>) => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
    };
  }
}

import type { Change } from './entry.js';

export interface Subscription {
  readonly storage: string;
  /** '' hears all namespaces. */
  readonly namespace: string;
  onChange(change: Change): void;
}

/** Brings each change to the watches that may care: those of its resource, in its namespace or in all. */
export class WatchHub {
  private readonly listeners = new Map<string, Set<Subscription>>();

  subscribe(subscription: Subscription): () => void {
    const key = keyOf(subscription.storage, subscription.namespace);
    const set = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, set.add(subscription));
    return () => {
      set.delete(subscription);
      if (set.size === 0 && this.listeners.get(key) === set) this.listeners.delete(key);
    };
  }

  publish(storage: string, change: Change): void {
    this.tell(keyOf(storage, ''), change);
    if (change.entry.namespace !== '') this.tell(keyOf(storage, change.entry.namespace), change);
  }

  private tell(key: string, change: Change): void {
    for (const subscription of this.listeners.get(key) ?? []) subscription.onChange(change);
  }
}

function keyOf(storage: string, namespace: string): string {
  return `${storage}|${namespace}`;
}

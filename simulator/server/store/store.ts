import { ApiError } from '../api-error.js';
import type { KubeObject } from '../objects.js';
import type { Change, ChangeType, Entry, Labels } from './entry.js';
import { parse, serialise } from './entry.js';
import { History } from './history.js';
import { Snapshots } from './snapshots.js';
import { Table } from './table.js';

export interface StoreOptions {
  /** Changes remembered for each resource; a watch from before them gets 410. */
  readonly historySize: number;
  readonly now: () => number;
}

/** etcd refuses larger requests; the API server passes its words on as a 500. */
const ETCD_LIMIT_BYTES = 1_572_864;

type Listener = (storage: string, change: Change) => void;

/** Which selectable fields an object has, beside name and namespace. */
export type FieldIndex = (object: KubeObject) => Labels | undefined;

/** What a store held at some time, by resource. */
export type Saved = ReadonlyMap<string, readonly Entry[]>;

const keyOf = ({ namespace, name }: Entry): string => `${namespace}/${name}`;

/** Objects of all resources under one revision counter, with their recent history. Knows nothing of their meaning. */
export class Store {
  private revision = 1;
  private readonly tables = new Map<string, Table>();
  private readonly histories = new Map<string, History>();
  private readonly listeners: Listener[] = [];
  readonly snapshots: Snapshots;

  constructor(private readonly options: StoreOptions) {
    this.snapshots = new Snapshots(options.now);
  }

  get currentRevision(): number {
    return this.revision;
  }

  /** Objects of all resources together. */
  get size(): number {
    return [...this.tables.values()].reduce((sum, table) => sum + table.count, 0);
  }

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  table(storage: string): Table {
    let table = this.tables.get(storage);
    if (!table) {
      table = new Table();
      this.tables.set(storage, table);
    }
    return table;
  }

  storages(): string[] {
    return [...this.tables.keys()];
  }

  history(storage: string): History {
    let history = this.histories.get(storage);
    if (!history) {
      history = new History(this.options.historySize, 0);
      this.histories.set(storage, history);
    }
    return history;
  }

  /** Stores the object under the next revision, which is written into it. */
  put(storage: string, object: KubeObject, index?: FieldIndex): Entry {
    const { metadata } = object;
    const previous = this.table(storage).get(metadata.namespace ?? '', metadata.name);
    const entry = this.entryOf(object, index);
    this.table(storage).put(entry);
    this.publish(storage, previous ? 'MODIFIED' : 'ADDED', entry, previous);
    return entry;
  }

  /** Removes the object; the last version carries the revision of the removal, as watches show it. */
  remove(storage: string, last: KubeObject, index?: FieldIndex): Entry {
    const { metadata } = last;
    const previous = this.table(storage).get(metadata.namespace ?? '', metadata.name);
    const entry = this.entryOf(last, index);
    this.table(storage).remove(entry.namespace, entry.name);
    this.publish(storage, 'DELETED', entry, previous);
    return entry;
  }

  /** Forgets all history up to now, so that every older watch and continue token is answered with 410. */
  compact(): void {
    for (const storage of this.tables.keys()) this.history(storage).compact(this.revision);
    this.snapshots.clear();
  }

  /** Everything that is stored, as etcd's snapshot holds it. */
  save(): Saved {
    return new Map(this.storages().map((storage) => [storage, this.table(storage).list('')]));
  }

  /**
   * Puts everything back to what it was, as `etcdutl snapshot restore --bump-revision --mark-compacted` does: what came
   * since is gone, what went is back, versions go on, and nobody can watch from before. Watches under way hear of it.
   */
  restore(saved: Saved): void {
    for (const storage of this.storages()) {
      const kept = saved.get(storage) ?? [];
      const names = new Set(kept.map(keyOf));
      for (const entry of this.table(storage).list(''))
        if (!names.has(keyOf(entry))) this.remove(storage, parse(entry), () => entry.fields);
      for (const entry of kept) {
        const { namespace, name, fields, json } = entry;
        if (this.table(storage).get(namespace, name)?.json !== json)
          this.put(storage, parse(entry), () => fields);
      }
    }
    this.compact();
  }

  dump(storage: string): KubeObject[] {
    return this.table(storage).list('').map(parse);
  }

  private entryOf(object: KubeObject, index?: FieldIndex): Entry {
    const { metadata } = object;
    const revision = this.revision + 1;
    metadata.resourceVersion = String(revision);
    const json = serialise(object);
    if (json.length > ETCD_LIMIT_BYTES / 3 && Buffer.byteLength(json) > ETCD_LIMIT_BYTES) {
      throw new ApiError(500, '', 'etcdserver: request is too large');
    }
    this.revision = revision;
    return {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      uid: metadata.uid ?? '',
      revision,
      labels: metadata.labels,
      fields: index?.(object),
      json,
    };
  }

  private publish(storage: string, type: ChangeType, entry: Entry, previous: Entry | undefined): void {
    const change: Change = { type, revision: entry.revision, entry, previous, lines: new Map() };
    this.history(storage).push(change);
    for (const listener of this.listeners) listener(storage, change);
  }
}

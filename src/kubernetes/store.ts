import { identityOf } from './meta.js';
import type { KubeObject, ObjectRef } from './resource.js';
import { compareVersions } from './versions.js';

interface Entry<V> {
  readonly uid: string;
  readonly version: string;
  readonly value: V;
}

export interface StoreOptions<T extends KubeObject, V> {
  readonly project: (object: T) => V;
  readonly indexes: Readonly<Record<string, (value: V) => readonly string[]>>;
  readonly onChange: (change: Change<V>) => void;
}

export interface Change<V> {
  readonly kind: 'added' | 'updated' | 'deleted';
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  readonly key: string;
  /** For `deleted`, the last one known. */
  readonly value: V;
  /** For `updated`, what it replaced: always the same object, of the same UID. */
  readonly previous?: V | undefined;
}

/** Far more deletions than can be under way between a write's response and its watch event. */
const MAX_TOMBSTONES = 10_000;
/** The version of a tombstone that no later state overcomes. */
const FOR_EVER = 'for ever';

export const keyOf = (ref: ObjectRef): string =>
  ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;

/**
 * The objects of one kind, fed by a watch and by the responses to our own writes, which overtake each other.
 *
 * Promises: an object is replaced only by a newer version; a UID once deleted does not come back; `replace` removes
 * what the list lacks, unless it is newer than the list.
 */
export class Store<T extends KubeObject, V> {
  private readonly entries = new Map<string, Entry<V>>();
  /** By UID, the version up to which an object is known to be gone. */
  private readonly tombstones = new Map<string, string>();
  private readonly lookup = new Map<string, Map<string, Set<string>>>();
  private newest = '';

  constructor(private readonly options: StoreOptions<T, V>) {
    for (const name of Object.keys(options.indexes)) this.lookup.set(name, new Map());
  }

  get size(): number {
    return this.entries.size;
  }

  /** The newest version ever taken in; empty before the first. */
  get newestVersion(): string {
    return this.newest;
  }

  get(key: string): V | undefined {
    return this.entries.get(key)?.value;
  }

  list(): readonly V[] {
    return Array.from(this.entries.values(), (entry) => entry.value);
  }

  by(index: string, word: string): readonly V[] {
    const found = this.lookup.get(index);
    if (!found) throw new Error(`no index '${index}'`);
    const values: V[] = [];
    for (const key of found.get(word) ?? []) {
      const entry = this.entries.get(key);
      if (entry) values.push(entry.value);
    }
    return values;
  }

  /** Takes in a state of an object, unless a newer one is known. */
  put(object: T): void {
    const identity = identityOf(object);
    const { uid, version } = identity;
    const key = keyOf(identity);
    if (this.isBuried(uid, version)) return;
    const known = this.entries.get(key);
    if (known && (isSame(known, uid, version) || compareVersions(version, known.version) < 0)) return;
    this.advance(version);
    if (known && known.uid !== uid) this.drop(key, known, FOR_EVER);
    this.store(key, { uid, version, value: this.options.project(object) });
  }

  /**
   * The object is gone, or no longer matches our selector. With `version` (a watch tells it) it may come back in a
   * newer one; without (a deletion's response) it never does.
   */
  remove(ref: ObjectRef, uid: string, version = FOR_EVER): void {
    if (version !== FOR_EVER) this.advance(version);
    const key = keyOf(ref);
    const known = this.entries.get(key);
    if (known?.uid !== uid) this.bury(uid, version);
    else if (version === FOR_EVER || compareVersions(version, known.version) >= 0)
      this.drop(key, known, version);
  }

  /** Ends a list: whatever it did not name and is not newer than it is gone. */
  sweep(listed: ReadonlySet<string>, listVersion: string): void {
    this.advance(listVersion);
    for (const [key, entry] of this.entries) {
      if (!listed.has(entry.uid) && compareVersions(entry.version, listVersion) <= 0)
        this.drop(key, entry, listVersion);
    }
  }

  /** The server's versions went backwards: it was restored from a backup, and ours no longer order anything. */
  forgetVersions(): void {
    this.newest = '';
    this.tombstones.clear();
    for (const [key, entry] of this.entries) this.entries.set(key, { ...entry, version: '' });
  }

  private advance(version: string): void {
    if (this.newest === '' || compareVersions(version, this.newest) > 0) this.newest = version;
  }

  private isBuried(uid: string, version: string): boolean {
    const grave = this.tombstones.get(uid);
    if (grave === undefined) return false;
    if (grave === FOR_EVER || compareVersions(version, grave) <= 0) return true;
    this.tombstones.delete(uid);
    return false;
  }

  private bury(uid: string, version: string): void {
    if (this.tombstones.get(uid) !== FOR_EVER) this.tombstones.set(uid, version);
    if (this.tombstones.size <= MAX_TOMBSTONES) return;
    const oldest = this.tombstones.keys().next();
    if (!oldest.done) this.tombstones.delete(oldest.value);
  }

  private store(key: string, entry: Entry<V>): void {
    const previous = this.entries.get(key)?.value;
    if (previous !== undefined) this.unindex(key, previous);
    this.entries.set(key, entry);
    this.index(key, entry.value);
    const kind = previous === undefined ? 'added' : 'updated';
    this.options.onChange({ kind, key, value: entry.value, previous });
  }

  private drop(key: string, entry: Entry<V>, version: string): void {
    this.bury(entry.uid, version);
    this.entries.delete(key);
    this.unindex(key, entry.value);
    this.options.onChange({ kind: 'deleted', key, value: entry.value });
  }

  private index(key: string, value: V): void {
    for (const [name, words] of Object.entries(this.options.indexes)) {
      const found = this.lookup.get(name);
      for (const word of words(value)) {
        const keys = found?.get(word);
        if (keys) keys.add(key);
        else found?.set(word, new Set([key]));
      }
    }
  }

  private unindex(key: string, value: V): void {
    for (const [name, words] of Object.entries(this.options.indexes)) {
      const found = this.lookup.get(name);
      for (const word of words(value)) {
        const keys = found?.get(word);
        keys?.delete(key);
        if (keys?.size === 0) found?.delete(word);
      }
    }
  }
}

const isSame = (entry: Entry<unknown>, uid: string, version: string): boolean =>
  entry.uid === uid && entry.version === version && version !== '';

import type { Millis } from '../common/units.js';
import type { InformerStores } from './informer-stores.js';
import { identityOf } from './meta.js';
import type { Reflector, ReflectorSink, ReflectorTools } from './reflector.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';
import { fieldTest, labelTest } from './selector.js';
import { keyOf, Store } from './store.js';
import type { Change } from './store.js';
import { tidy } from './tidy.js';
import { compareVersions } from './versions.js';
import type { SeenVersions } from './versions.js';

export interface InformerSpec<T extends KubeObject, V = T> {
  readonly kind: ResourceKind<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Asks for metadata only; `project` then sees objects without spec and status. */
  readonly metadataOnly?: boolean;
  /** Keeps only what is needed; default the object without `managedFields`. Must not throw. */
  readonly project?: (object: T) => V;
  /** Named look-ups from a value to the words it is found under. Must not throw, nor change with time. */
  readonly indexes?: Readonly<Record<string, (value: V) => readonly string[]>>;
}

export type ChangeListener<V> = (change: Change<V>) => void;

export interface InformerTools extends ReflectorTools {
  readonly stores: InformerStores;
  readonly versions: SeenVersions;
}

/**
 * A cache of the objects of one kind, kept current by a list and a watch and by the responses of our own writes.
 * Values are shared: never change one.
 */
export class Informer<V> {
  private readonly listeners = new Set<ChangeListener<V>>();
  private readonly waiters = new Set<() => void>();
  private readonly store: Store<KubeObject, V>;
  private readonly matches: (object: KubeObject) => boolean;
  private readonly project: (object: KubeObject) => V;
  private listed = new Set<string>();
  private newestBeforeList = '';
  private isSynced = false;
  private heardAt: number;
  private told = 0;
  private failed = 0;

  /** Made by `Informers.add` only. */
  constructor(
    private readonly spec: InformerSpec<KubeObject, V>,
    private readonly tools: InformerTools,
    private readonly reflector: Reflector<KubeObject>,
  ) {
    this.heardAt = tools.clock.monotonic();
    this.matches = matcherOf(spec);
    this.project = spec.project ?? ((object) => object as V);
    const onChange = (change: Change<V>): void => this.tell(change);
    this.store = new Store({ project: this.project, indexes: spec.indexes ?? {}, onChange });
    reflector.add(this.sink());
    tools.stores.register(spec.kind, {
      accept: (object) => this.accept(object),
      gone: (ref, uid) => this.store.remove(ref, uid),
    });
  }

  get(ref: ObjectRef): V | undefined {
    return this.store.get(keyOf(ref));
  }

  list(): readonly V[] {
    return this.store.list();
  }

  /** The values found under `word` in the index of that name. Throws for an index that the spec does not have. */
  by(index: string, word: string): readonly V[] {
    return this.store.by(index, word);
  }

  /** Calls back after each change, in its turn. A listener that throws is counted and logged, never fatal. */
  onChange(listener: ChangeListener<V>): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** The first list is complete; never becomes false again. */
  get synced(): boolean {
    return this.isSynced;
  }

  /** Resolves when synced; rejects with the signal's reason. */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.isSynced) return;
    signal?.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.waiters.add(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
    signal?.throwIfAborted();
  }

  /** How long nothing was heard: neither event nor bookmark nor list. */
  lastEventAge(): Millis {
    return (this.tools.clock.monotonic() - this.heardAt) as Millis;
  }

  get size(): number {
    return this.store.size;
  }

  /** How many changes watches have told, repeats included. */
  get events(): number {
    return this.told;
  }

  /** How many listener calls have failed. */
  get failures(): number {
    return this.failed;
  }

  /** `pods`, `labs`: names the informer in metrics. */
  get resource(): string {
    return this.spec.kind.plural;
  }

  start(): void {
    this.reflector.start();
  }

  stop(): Promise<void> {
    return this.reflector.stop();
  }

  private sink(): ReflectorSink<KubeObject> {
    return {
      listing: () => {
        this.listed = new Set();
        this.newestBeforeList = this.store.newestVersion;
      },
      dated: (version) => this.onDated(version),
      item: (object) => {
        this.listed.add(identityOf(object).uid);
        this.store.put(object);
      },
      listed: (version) => this.onListed(version),
      changed: (type, object) => this.onEvent(type, object),
      heard: (version) => this.onHeard(version),
    };
  }

  /** A list is as new as anything seen before it was asked for, unless the server lost part of its past. */
  private onDated(version: string): void {
    if (this.newestBeforeList === '' || compareVersions(version, this.newestBeforeList) >= 0) return;
    this.tools.log.warn('versions went backwards, the cluster was restored', { resource: this.resource });
    this.store.forgetVersions();
    this.tools.versions.forget();
  }

  private onListed(version: string): void {
    this.store.sweep(this.listed, version);
    this.listed = new Set();
    this.onHeard(version);
    this.isSynced = true;
    for (const resolve of this.waiters) resolve();
    this.waiters.clear();
  }

  private onEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    const identity = identityOf(object);
    this.told += 1;
    if (type === 'DELETED') this.store.remove(identity, identity.uid, identity.version);
    else this.store.put(tidy(this.spec.kind, object));
  }

  private onHeard(version: string): void {
    this.heardAt = this.tools.clock.monotonic();
    this.tools.versions.saw(version);
  }

  /** A response to one of our own requests. */
  private accept(object: KubeObject): void {
    const identity = identityOf(object);
    if (this.spec.namespace !== undefined && identity.namespace !== this.spec.namespace) return;
    if (this.matches(object)) this.store.put(this.spec.metadataOnly ? metadataOf(object) : object);
    else if (this.get(identity)) this.store.remove(identity, identity.uid, identity.version);
  }

  private tell(change: Change<V>): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.failed += 1;
        this.tools.log.error('informer listener failed', { resource: this.resource, key: change.key, error });
      }
    }
  }
}

const metadataOf = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => ({
  ...(apiVersion === undefined ? {} : { apiVersion }),
  ...(kind === undefined ? {} : { kind }),
  ...(metadata === undefined ? {} : { metadata }),
});

function matcherOf(
  spec: Pick<InformerSpec<KubeObject, unknown>, 'labelSelector' | 'fieldSelector'>,
): (object: KubeObject) => boolean {
  const tests = [
    ...(spec.labelSelector === undefined ? [] : [labelTest(spec.labelSelector)]),
    ...(spec.fieldSelector === undefined ? [] : [fieldTest(spec.fieldSelector)]),
  ];
  return (object) => tests.every((test) => test(object));
}

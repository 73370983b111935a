import type { Millis } from '../common/units.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';

export interface InformerSpec<T extends KubeObject, V = T> {
  readonly kind: ResourceKind<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Asks for metadata only; `project` then sees objects without spec and status. */
  readonly metadataOnly?: boolean;
  /** Keeps only what is needed; default the object without `managedFields`. */
  readonly project?: (object: T) => V;
  /** Named look-ups from a value to the words it is found under. */
  readonly indexes?: Readonly<Record<string, (value: V) => readonly string[]>>;
}

export interface Change<V> {
  readonly kind: 'added' | 'updated' | 'deleted';
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  readonly key: string;
  /** For `deleted`, the last one known. */
  readonly value: V;
  readonly previous?: V | undefined;
}

export type ChangeListener<V> = (change: Change<V>) => void;

/** A cache of the objects of one kind, kept current by one list and one watch. */
export class Informer<V> {
  get(ref: ObjectRef): V | undefined {
    throw new Error(`not written yet: ${ref.name}`);
  }
  list(): readonly V[] {
    throw new Error('not written yet');
  }
  by(index: string, value: string): readonly V[] {
    throw new Error(`not written yet: ${index} ${value}`);
  }
  onChange(listener: ChangeListener<V>): () => void {
    throw new Error(`not written yet: ${listener.name}`);
  }
  get synced(): boolean {
    throw new Error('not written yet');
  }
  whenSynced(signal?: AbortSignal): Promise<void> {
    throw new Error(`not written yet: ${String(signal?.aborted)}`);
  }
  lastEventAge(): Millis {
    throw new Error('not written yet');
  }
  get size(): number {
    throw new Error('not written yet');
  }
}

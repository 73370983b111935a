import { Injectable } from '@nestjs/common';
import type { CallOptions, JsonPatchOperation } from './call.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';

export interface PatchOptions extends CallOptions {
  readonly subresource?: 'status';
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only the object that has this UID. */
  readonly uid?: string | undefined;
  readonly graceSeconds?: number | undefined;
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
}

export type Created<T> = { readonly created: true; readonly object: T } | { readonly created: false };
export type Deleted = 'deleted' | 'absent' | 'replaced';

/** Every write. A response enters the informer stores of that kind at once. */
@Injectable()
export class KubeWriter {
  create<T extends KubeObject>(kind: ResourceKind<T>, object: T, options: CallOptions): Promise<T> {
    throw new Error(`not written yet: ${kind.kind} ${object.metadata?.name ?? ''} ${options.reason}`);
  }
  createIfAbsent<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: CallOptions,
  ): Promise<Created<T>> {
    throw new Error(`not written yet: ${kind.kind} ${object.metadata?.name ?? ''} ${options.reason}`);
  }
  patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T> {
    throw new Error(`not written yet: ${kind.kind} ${ref.name} ${operations.length} ${options.reason}`);
  }
  delete(kind: ResourceKind, ref: ObjectRef, options: DeleteOptions): Promise<Deleted> {
    throw new Error(`not written yet: ${kind.kind} ${ref.name} ${options.reason}`);
  }
  deleteCollection(
    kind: ResourceKind,
    namespace: string,
    options: CallOptions & { readonly labelSelector: string },
  ): Promise<void> {
    throw new Error(`not written yet: ${kind.kind} ${namespace} ${options.reason}`);
  }
}

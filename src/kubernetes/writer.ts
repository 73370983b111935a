import { Injectable } from '@nestjs/common';
import type { CallOptions, JsonPatchOperation, KubeRequest } from './call.js';
import { InformerStores } from './informer-stores.js';
import { KubernetesError } from './kubernetes.error.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';
import { apiVersionOf } from './resource.js';
import { identityOf } from './meta.js';
import { deletedUid } from './status.js';
import { tidy } from './tidy.js';
import { KubeTransport } from './transport.js';

export interface PatchOptions extends CallOptions {
  readonly subresource?: 'status' | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only the object that has this UID. */
  readonly uid?: string | undefined;
  /** Only while it is as it was read; else the delete throws with verdict `conflict`. */
  readonly resourceVersion?: string | undefined;
  readonly graceSeconds?: number | undefined;
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan' | undefined;
}

export type Deleted = 'deleted' | 'absent' | 'replaced';

/** Every write. A response enters the informer stores of that kind at once, so that the next step sees it. */
@Injectable()
export class KubeWriter {
  constructor(
    private readonly transport: KubeTransport,
    private readonly stores: InformerStores,
  ) {}

  /**
   * Repeated after a lost answer; a 409 `AlreadyExists` that follows has `unanswered` set, and the object may be ours.
   */
  async create<T extends KubeObject>(kind: ResourceKind<T>, object: T, options: CallOptions): Promise<T> {
    return this.send(kind, creation(kind, object, options));
  }

  /**
   * True if it was created; false for 409 `AlreadyExists`: whose the object is, the caller must see. Repeated as `create`
   * is. An answer that no cache of ours takes in is not even parsed.
   */
  async createIfAbsent<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: CallOptions,
  ): Promise<boolean> {
    const request = creation(kind, object, options);
    try {
      if (this.stores.has(kind)) await this.send(kind, request);
      else await this.transport.request({ ...request, unread: true });
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.reason === 'AlreadyExists') return false;
      throw error;
    }
  }

  /**
   * JSON patch. A failed `test` throws with verdict `conflict`. With at least one `test` it is repeated after a lost
   * answer, so a patch that must not be applied twice needs a `test` of something that it changes.
   */
  async patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T> {
    const { subresource } = options;
    const repeatable = operations.some((operation) => operation.op === 'test');
    return this.send(kind, { verb: 'patch', kind, ref, subresource, body: operations, repeatable, options });
  }

  /** `replaced`: another object has that name by now. Repeated after a lost answer only with a UID. */
  async delete(kind: ResourceKind, ref: ObjectRef, options: DeleteOptions): Promise<Deleted> {
    const repeatable = options.uid !== undefined;
    const body = deleteBody(options);
    try {
      const request: KubeRequest = { verb: 'delete', kind, ref, body, repeatable, options };
      this.settleDeletion(kind, ref, await this.transport.request<KubeObject>(request));
      return 'deleted';
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.verdict === 'absent') return this.onAbsent(kind, ref, options.uid);
      if (error.status === 409 && options.uid !== undefined && /\bUID\b/.test(error.apiMessage))
        return 'replaced';
      throw error;
    }
  }

  /** Deletes all objects of the namespace that match. Safe to repeat, and repeated. */
  async deleteCollection(
    kind: ResourceKind,
    namespace: string,
    options: CallOptions & { readonly labelSelector: string },
  ): Promise<void> {
    const query = { labelSelector: options.labelSelector };
    await this.transport.request({
      verb: 'deletecollection',
      kind,
      ref: { namespace },
      query,
      repeatable: true,
      options,
    });
  }

  private async send<T extends KubeObject>(kind: ResourceKind<T>, request: KubeRequest): Promise<T> {
    const object = tidy(kind, await this.transport.request<T>(request));
    this.stores.accept(kind, object);
    return object;
  }

  private onAbsent(kind: ResourceKind, ref: ObjectRef, uid: string | undefined): 'absent' {
    if (uid !== undefined) this.stores.gone(kind, ref, uid);
    return 'absent';
  }

  /**
   * The answer is a `Status` with the UID, when the object is gone; else the object, which lingers until its grace and
   * its finalizers are over, unless it has neither.
   */
  private settleDeletion(kind: ResourceKind, ref: ObjectRef, answer: KubeObject): void {
    const statusUid = deletedUid(answer);
    if (answer.kind === 'Status') {
      if (statusUid !== undefined) this.stores.gone(kind, ref, statusUid);
      return;
    }
    const object = tidy(kind, answer);
    const grace = object.metadata?.deletionGracePeriodSeconds;
    const isHeld = (object.metadata?.finalizers ?? []).length > 0;
    if (grace === 0 && !isHeld) this.stores.gone(kind, ref, identityOf(object).uid);
    else this.stores.accept(kind, object);
  }
}

function creation<T extends KubeObject>(kind: ResourceKind<T>, object: T, options: CallOptions): KubeRequest {
  const { name, namespace } = identityOf(object);
  const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
  // Without a name of its own, each repeat would make another object.
  const repeatable = name !== '';
  return { verb: 'create', kind, ref: { namespace, name }, body, repeatable, options };
}

const deleteBody = ({ uid, resourceVersion, graceSeconds, propagation }: DeleteOptions): object => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  ...(uid === undefined ? {} : { preconditions: { uid, resourceVersion } }),
  ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
  ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
});

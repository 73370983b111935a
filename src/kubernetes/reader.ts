import { Injectable } from '@nestjs/common';
import type { CallOptions } from './call.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';

export interface ListQuery {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Stop after this many objects; default all, in pages of 500. */
  readonly limit?: number | undefined;
}

/** Single live reads. */
@Injectable()
export class KubeReader {
  get<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions,
  ): Promise<T | undefined> {
    throw new Error(`not written yet: ${kind.kind} ${ref.name} ${options.reason}`);
  }
  confirm<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions,
  ): Promise<T | undefined> {
    throw new Error(`not written yet: ${kind.kind} ${ref.name} ${options.reason}`);
  }
  list<T extends KubeObject>(
    kind: ResourceKind<T>,
    query: ListQuery,
    options: CallOptions,
  ): Promise<readonly T[]> {
    throw new Error(`not written yet: ${kind.kind} ${query.namespace ?? ''} ${options.reason}`);
  }
}

import { Injectable } from '@nestjs/common';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';

/** A cache that takes in the responses to our own requests. */
export interface Feed {
  accept(object: KubeObject): void;
  gone(ref: ObjectRef, uid: string): void;
}

/** Where the responses of writes and reads go, so that the next step of whoever asked sees them in its cache. */
@Injectable()
export class InformerStores {
  private readonly feeds = new Map<string, Feed[]>();

  register(kind: ResourceKind, feed: Feed): void {
    const key = nameOf(kind);
    this.feeds.set(key, [...(this.feeds.get(key) ?? []), feed]);
  }

  /** Whether any cache takes in objects of this kind. */
  has(kind: ResourceKind): boolean {
    return this.feeds.has(nameOf(kind));
  }

  accept(kind: ResourceKind, object: KubeObject): void {
    for (const feed of this.feeds.get(nameOf(kind)) ?? []) feed.accept(object);
  }

  gone(kind: ResourceKind, ref: ObjectRef, uid: string): void {
    for (const feed of this.feeds.get(nameOf(kind)) ?? []) feed.gone(ref, uid);
  }
}

const nameOf = (kind: ResourceKind): string => `${kind.plural}.${kind.group}`;

import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Deadline } from '../common/deadline.js';
import { millis } from '../common/units.js';
import type { CallOptions, KubeRequest } from './call.js';
import { noAnswer } from './failure.js';
import { InformerStores } from './informer-stores.js';
import { KubernetesError } from './kubernetes.error.js';
import { listPages } from './list-pages.js';
import type { KubeObject, ObjectRef, ResourceKind } from './resource.js';
import { tidy } from './tidy.js';
import { KubeTransport } from './transport.js';

export interface ListQuery {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** At most this many objects; default all, read in pages of 500. */
  readonly limit?: number | undefined;
}

/** A read under way, and the one that those who came since are waiting for. */
interface Confirming {
  readonly running: Promise<unknown>;
  next?: Promise<unknown> | undefined;
}

const CONFIRM_DEADLINE = millis(10_000);

/** Single live reads. What they find enters the informer stores too, so that no cached answer is older than a live one. */
@Injectable()
export class KubeReader {
  private readonly confirming = new Map<string, Confirming>();

  constructor(
    private readonly transport: KubeTransport,
    private readonly stores: InformerStores,
    private readonly clock: Clock,
  ) {}

  /** Undefined only when the API server itself says that this very object does not exist. */
  async get<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions,
  ): Promise<T | undefined> {
    // Its path would be that of the list.
    if (ref.name === '') throw new Error(`${kind.kind} is read as an object without a name`);
    try {
      const found = await this.transport.request<T>({ verb: 'get', kind, ref, repeatable: true, options });
      this.stores.accept(kind, tidy(kind, found));
      return found;
    } catch (error) {
      if (error instanceof KubernetesError && error.verdict === 'absent') return undefined;
      throw error;
    }
  }

  /**
   * A read that began after this call did. Of one object one at a time: those who come while one is under way share
   * the next, never the one already sent, whose answer may be older than what they know. No result is kept.
   */
  async confirm<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions,
  ): Promise<T | undefined> {
    const shared = this.joinNext(kind, ref, options) as Promise<T | undefined>;
    const deadline = new Deadline(this.clock, options.deadline ?? CONFIRM_DEADLINE);
    const bound = deadline.bind(options.signal);
    try {
      return await Promise.race([
        shared,
        rejectOnAbort({ verb: 'get', kind, ref, repeatable: true, options }, bound.signal),
      ]);
    } finally {
      bound.release();
    }
  }

  async list<T extends KubeObject>(
    kind: ResourceKind<T>,
    query: ListQuery,
    options: CallOptions,
  ): Promise<readonly T[]> {
    const { namespace, labelSelector, fieldSelector, limit } = query;
    const request: KubeRequest = {
      verb: 'list',
      kind,
      ref: { namespace },
      query: { labelSelector, fieldSelector, limit },
      repeatable: true,
      options,
    };
    if (limit !== undefined) {
      const page = await this.transport.request<{ items?: T[] | null }>(request);
      return (page.items ?? []).map((object) => tidy(kind, object));
    }
    const items: T[] = [];
    await listPages<T>(this.transport, request, {
      begin: () => (items.length = 0),
      item: (object) => items.push(object),
    });
    return items;
  }

  private joinNext(kind: ResourceKind, ref: ObjectRef, { priority, reason }: CallOptions): Promise<unknown> {
    const key = `${kind.plural}.${kind.group}/${ref.namespace ?? ''}/${ref.name}`;
    // Shared by callers with signals and deadlines of their own, so it has none of theirs.
    const read = (): Promise<unknown> => this.get(kind, ref, { priority, reason });
    const known = this.confirming.get(key);
    if (!known) return this.begin(key, read);
    known.next ??= known.running.then(
      () => this.begin(key, read),
      () => this.begin(key, read),
    );
    return known.next;
  }

  private begin(key: string, read: () => Promise<unknown>): Promise<unknown> {
    const entry: Confirming = { running: read() };
    this.confirming.set(key, entry);
    const end = (): void => {
      if (this.confirming.get(key) === entry && !entry.next) this.confirming.delete(key);
    };
    entry.running.then(end, end);
    return entry.running;
  }
}

function rejectOnAbort(request: KubeRequest, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(noAnswer(request, signal.reason, false));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

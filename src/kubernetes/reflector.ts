import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from '../reconcile/index.js';
import type { KubeRequest } from './call.js';
import { refused } from './failure.js';
import { KubernetesError } from './kubernetes.error.js';
import { linesOf } from './lines.js';
import { isYounger, listPages } from './list-pages.js';
import type { KubeObject, ResourceKind } from './resource.js';
import { tidy } from './tidy.js';
import type { KubeTransport } from './transport.js';
import { Watchdog } from './watchdog.js';

/** Bookmarks come about once a minute; longer silence is a dead connection. */
const SILENCE = millis(90_000);
/** A list that is not complete by then is asked for in another way. */
const LIST_WITHIN = millis(30_000);
/** How the bookmark is marked that ends a list in a watch (Kubernetes API concepts, "Streaming lists"). */
const LIST_ENDS = 'k8s.io/initial-events-end';
/** How servers refuse a list in a watch that do not know of it, or are told not to give it. */
const NOT_STREAMED: ReadonlySet<number> = new Set([400, 404, 405, 406, 415, 422]);
const BACKOFF = { base: millis(200), max: millis(30_000) };
/** The server ends a watch after 240 to 300 s, so that none outlives its route for long. */
const watchSeconds = (random: () => number): number => 240 + Math.floor(random() * 61);

export interface ReflectorSource<T extends KubeObject> {
  readonly kind: ResourceKind<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly metadataOnly?: boolean | undefined;
}

/** Where a reflector puts what it learns. Must not throw. */
export interface ReflectorSink<T extends KubeObject> {
  /** A list begins; items follow. A list that fails is begun again. */
  listing(): void;
  /** Comes before the first item, but for the first list, which nothing can be older than: how new the list is. */
  dated(version: string): void;
  item(object: T): void;
  /** The list is complete as of `version`. */
  listed(version: string): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** A sign of life: an event or bookmark of this version. */
  heard(version: string): void;
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number };
}

export interface ReflectorTools {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
}

/**
 * Keeps sinks up to date with one kind of object: a list, then a watch from its version, for ever. The first list comes as
 * the beginning of its watch, in one request; where the server does not do that, or anything goes wrong in it, and whenever
 * another list is needed, it is asked for in pages.
 *
 * Promises: whatever ends or silences a watch, it is opened again from the last version seen, after a jittered wait
 * that grows while it ends soon and nothing comes; an expired version, or one of the server's future, leads to a new list; after `stop` nothing more is delivered and
 * no connection is left. Caveat: several changes of one object between two looks may be told as one.
 */
export class Reflector<T extends KubeObject> {
  private readonly controller = new AbortController();
  private running: Promise<void> | undefined;
  /** Of the last sign of life since the last complete list. */
  private version: string | undefined;
  private isFirst = true;
  /** The connection broke: whoever answers next may be another. */
  private isDoubtful = false;
  private readonly sinks: ReflectorSink<T>[] = [];

  constructor(
    private readonly source: ReflectorSource<T>,
    private readonly tools: ReflectorTools,
  ) {}

  /** Before `start` only: whoever comes later would miss what was told. */
  add(sink: ReflectorSink<T>): void {
    this.sinks.push(sink);
  }

  start(): void {
    this.running ??= this.run(this.controller.signal);
  }

  async stop(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { clock, random = Math.random } = this.tools;
    let quiet = 0;
    while (!signal.aborted) {
      const began = clock.monotonic();
      const { heard, retryAfter } = await this.cycle(signal);
      // What stands between us and the server may end each watch that is silent for a while.
      if (heard || clock.monotonic() - began >= BACKOFF.max) quiet = 0;
      const wait = Math.max(retryAfter, backoffDelay(quiet, BACKOFF, random)) as Millis;
      quiet += 1;
      await clock.sleep(wait, signal);
    }
  }

  /** One list where needed, and one watch to its end. */
  private async cycle(signal: AbortSignal): Promise<{ heard: boolean; retryAfter: number }> {
    const progress = { heard: false };
    try {
      const streamed = this.isFirst && (await this.stream(signal, progress));
      if (streamed) return { heard: progress.heard, retryAfter: 0 };
      if (this.isDoubtful) await this.recognise(signal);
      this.version ??= await this.list(signal);
      await this.watch({ resourceVersion: this.version }, signal, progress);
      return { heard: progress.heard, retryAfter: 0 };
    } catch (error) {
      if (signal.aborted) return { heard: false, retryAfter: 0 };
      return { heard: progress.heard, retryAfter: this.onFailure(error) };
    }
  }

  /** Lists again where the server knows less than it told us. */
  private async recognise(signal: AbortSignal): Promise<void> {
    const request = this.request('list', {}, signal);
    const { version, tools } = this;
    if (version && (await isYounger(tools.transport, request, version))) this.version = undefined;
    this.isDoubtful = false;
  }

  private onFailure(error: unknown): number {
    const kind = this.source.kind.kind;
    // A server that answers no is the one that we know.
    this.isDoubtful ||= !(error instanceof KubernetesError) || error.status === 0 || error.status >= 500;
    if (!(error instanceof KubernetesError)) {
      this.tools.log.warn('watch broke', { kind, error });
      return 0;
    }
    const isOutdated = error.status === 410 || /too large resource version/i.test(error.apiMessage);
    if (isOutdated) {
      this.version = undefined;
      this.tools.log.info('watch expired, listing again', { kind });
    } else this.tools.log.warn('list or watch failed', { kind, error });
    return error.retryAfter ?? 0;
  }

  private async list(signal: AbortSignal): Promise<string> {
    const version = await listPages<T>(this.tools.transport, this.request('list', {}, signal), {
      begin: () => this.tell((sink) => sink.listing()),
      dated: (version) => this.tell((sink) => sink.dated(version)),
      item: (object) => this.tell((sink) => sink.item(object)),
    });
    signal.throwIfAborted();
    this.tell((sink) => sink.listed(version));
    return version;
  }

  /** A watch that begins with a list, to its end. False where the server knows of no such thing. */
  private async stream(signal: AbortSignal, progress: { heard: boolean }): Promise<boolean> {
    this.isFirst = false;
    this.tell((sink) => sink.listing());
    try {
      const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
      await this.watch(query, signal, progress);
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && NOT_STREAMED.has(error.status)) return false;
      throw error;
    }
  }

  private async watch(
    from: KubeRequest['query'],
    signal: AbortSignal,
    progress: { heard: boolean },
  ): Promise<void> {
    const request = this.request('watch', {
      watch: 'true',
      allowWatchBookmarks: 'true',
      ...from,
      timeoutSeconds: watchSeconds(this.tools.random ?? Math.random),
    });
    const watchdog = new Watchdog(this.tools.clock, SILENCE, signal);
    const complete = this.version === undefined ? watchdog.demand(LIST_WITHIN) : undefined;
    try {
      const { transport } = this.tools;
      const body = await transport.watch(request, watchdog.signal);
      for await (const line of linesOf(watchdog.listen(body), transport.turns)) {
        if (signal.aborted) return;
        this.take(request, line);
        progress.heard = true;
        if (this.version !== undefined) complete?.();
      }
    } finally {
      watchdog.stop();
    }
  }

  private take(request: KubeRequest, line: Buffer): void {
    if (line.length === 0) return;
    const event = JSON.parse(line.toString('utf8')) as WatchEvent<T>;
    if (event.type === 'ERROR')
      throw refused(request, { statusCode: event.object.code ?? 500, headers: {} }, event.object);
    if (this.version === undefined) this.takeListed(event);
    else this.takeChange(event);
  }

  /** Part of a list that a watch begins with, what changes meanwhile among it. The versions of its items are of any age. */
  private takeListed({ type, object }: WatchEvent<T>): void {
    if (type === 'DELETED') this.tell((sink) => sink.changed(type, object));
    else if (type !== 'BOOKMARK') this.tell((sink) => sink.item(tidy(this.source.kind, object)));
    else if (object.metadata?.annotations?.[LIST_ENDS] === 'true') {
      const { resourceVersion: version } = object.metadata;
      if (version === undefined || version === '') throw new Error('a list ended without a version');
      this.version = version;
      this.tell((sink) => sink.listed(version));
    }
  }

  private takeChange({ type, object }: WatchEvent<T>): void {
    if (type !== 'BOOKMARK' && type !== 'ERROR') this.tell((sink) => sink.changed(type, object));
    const version = object.metadata?.resourceVersion ?? this.version ?? '';
    this.version = version;
    this.tell((sink) => sink.heard(version));
  }

  private tell(what: (sink: ReflectorSink<T>) => void): void {
    for (const sink of this.sinks) what(sink);
  }

  private request(verb: 'list' | 'watch', query: KubeRequest['query'], signal?: AbortSignal): KubeRequest {
    const { kind, namespace, labelSelector, fieldSelector, metadataOnly } = this.source;
    return {
      verb,
      kind,
      ref: { namespace },
      query: { labelSelector, fieldSelector, ...query },
      metadataOnly,
      repeatable: true,
      options: { priority: 'vital', reason: 'informer', deadline: millis(30_000), signal },
    };
  }
}

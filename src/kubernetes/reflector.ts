import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from '../reconcile/index.js';
import type { KubeRequest } from './call.js';
import { refused } from './failure.js';
import { KubernetesError } from './kubernetes.error.js';
import { linesOf } from './lines.js';
import { listPages } from './list-pages.js';
import type { KubeObject, ResourceKind } from './resource.js';
import type { KubeTransport } from './transport.js';
import { Watchdog } from './watchdog.js';

/** Bookmarks come about once a minute; longer silence is a dead connection. */
const SILENCE = millis(90_000);
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
  /** Comes before the first item: how new the list is. */
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
 * Keeps a sink up to date with one kind of object: a paged list, then a watch from its version, for ever.
 *
 * Promises: whatever ends or silences a watch, it is opened again from the last version seen, after a jittered wait
 * that grows while nothing comes; an expired version leads to a new list; after `stop` nothing more is delivered and
 * no connection is left. Caveat: several changes of one object between two looks may be told as one.
 */
export class Reflector<T extends KubeObject> {
  private readonly controller = new AbortController();
  private running: Promise<void> | undefined;
  private version: string | undefined;

  constructor(
    private readonly source: ReflectorSource<T>,
    private readonly sink: ReflectorSink<T>,
    private readonly tools: ReflectorTools,
  ) {}

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
      const { heard, retryAfter } = await this.cycle(signal);
      if (heard) quiet = 0;
      const wait = Math.max(retryAfter, backoffDelay(quiet, BACKOFF, random)) as Millis;
      quiet += 1;
      await clock.sleep(wait, signal);
    }
  }

  /** One list where needed, and one watch to its end. */
  private async cycle(signal: AbortSignal): Promise<{ heard: boolean; retryAfter: number }> {
    const progress = { heard: false };
    try {
      this.version ??= await this.list(signal);
      await this.watch(this.version, signal, progress);
      return { heard: progress.heard, retryAfter: 0 };
    } catch (error) {
      if (signal.aborted) return { heard: false, retryAfter: 0 };
      return { heard: progress.heard, retryAfter: this.onFailure(error) };
    }
  }

  private onFailure(error: unknown): number {
    const kind = this.source.kind.kind;
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
    const request = this.request('list');
    const version = await listPages<T>(
      this.tools.transport,
      { ...request, options: { ...request.options, signal } },
      {
        begin: () => this.sink.listing(),
        dated: (version) => this.sink.dated(version),
        item: (object) => this.sink.item(object),
      },
    );
    signal.throwIfAborted();
    this.sink.listed(version);
    return version;
  }

  private async watch(from: string, signal: AbortSignal, progress: { heard: boolean }): Promise<void> {
    const request = this.request('watch', {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: watchSeconds(this.tools.random ?? Math.random),
    });
    const watchdog = new Watchdog(this.tools.clock, SILENCE, signal);
    try {
      const { transport } = this.tools;
      const body = await transport.watch(request, watchdog.signal);
      for await (const line of linesOf(watchdog.listen(body), transport.turns)) {
        if (signal.aborted) return;
        this.take(request, line);
        progress.heard = true;
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
    if (event.type !== 'BOOKMARK') this.sink.changed(event.type, event.object);
    const version = event.object.metadata?.resourceVersion ?? this.version ?? '';
    this.version = version;
    this.sink.heard(version);
  }

  private request(verb: 'list' | 'watch', query: KubeRequest['query'] = {}): KubeRequest {
    const { kind, namespace, labelSelector, fieldSelector, metadataOnly } = this.source;
    return {
      verb,
      kind,
      ref: { namespace },
      query: { labelSelector, fieldSelector, ...query },
      metadataOnly,
      repeatable: true,
      // Everybody's picture of the cluster hangs on these few requests, so they go first.
      options: { priority: 'interactive', reason: 'informer', deadline: millis(30_000) },
    };
  }
}

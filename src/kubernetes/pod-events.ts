import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { Deadline, DeadlineExceeded } from '../common/deadline.js';
import { millis } from '../common/units.js';
import { backoffDelay } from '../reconcile/index.js';
import type { KubeRequest } from './call.js';
import { EventCursor } from './event-cursor.js';
import { refused } from './failure.js';
import { KubernetesError } from './kubernetes.error.js';
import { linesOf } from './lines.js';
import { listPages } from './list-pages.js';
import { EVENTS, namespaceInLine, readPodEvent, versionInLine } from './pod-event.js';
import type { EventObject, PodEvent } from './pod-event.js';
import { RecentEvents } from './recent-events.js';
import { KubeTransport } from './transport.js';
import { SeenVersions } from './versions.js';

/** A watch's version ages without bookmarks; we move on long before it expires (five minutes). */
const TURN = millis(120_000);
const BACKOFF = { base: millis(200), max: millis(30_000) };
const WAIT_FOR_BEGINNING = millis(100);
const ONLY_PODS = 'involvedObject.kind=Pod';

type Listener = (event: PodEvent) => void;
type End = 'completed' | 'broken' | 'gap';

interface WatchEvent {
  readonly type: string;
  readonly object: EventObject & { readonly code?: number };
}

/**
 * The events of all pods, by one watch that never lists the whole cluster.
 *
 * Promises: an event of an accepted namespace that is written while the watch is up is told, each state of it once
 * (within some minutes); after a gap the listeners of `onGap` are told, and `listNamespace` tells what they missed.
 * Assumes that events live in the same store as the rest; where they do not (a separate etcd, as some providers run),
 * it notices and takes its starting points from the events' own versions.
 */
@Injectable()
export class PodEvents {
  private readonly listeners = new Set<Listener>();
  private readonly gapListeners = new Set<() => void>();
  private readonly controller = new AbortController();
  private readonly recent = new RecentEvents();
  private readonly filters: ((namespace: string) => boolean)[] = [];
  private running: Promise<void> | undefined;
  private readonly cursor: EventCursor;

  constructor(
    private readonly transport: KubeTransport,
    versions: SeenVersions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.cursor = new EventCursor(versions, clock);
  }

  onEvent(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Events may have been missed: list the namespaces that matter. */
  onGap(listener: () => void): () => void {
    this.gapListeners.add(listener);
    return () => {
      this.gapListeners.delete(listener);
    };
  }

  /** Starts the watch, once any informer has listed. `accepts` is asked for every event and must be cheap; several add up. */
  watch(accepts: (namespace: string) => boolean): void {
    this.filters.push(accepts);
    this.running ??= this.run(this.controller.signal);
  }

  async stop(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  /** Tells the listeners every pod event of one namespace that they were not told lately. One request. */
  async listNamespace(namespace: string, signal?: AbortSignal): Promise<void> {
    const found: EventObject[] = [];
    const request: KubeRequest = {
      verb: 'list',
      kind: EVENTS,
      ref: { namespace },
      query: { fieldSelector: ONLY_PODS },
      repeatable: true,
      options: { priority: 'reconcile', reason: 'pod-events', signal },
    };
    await listPages<EventObject>(this.transport, request, {
      begin: () => (found.length = 0),
      item: (event) => found.push(event),
    });
    const events = found.map(readPodEvent).sort((a, b) => a.at - b.at);
    for (const event of events) this.tell(event);
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const began = this.clock.monotonic();
      const end = await this.turn(signal).catch((error: unknown) => this.endOf(error));
      if (end === 'gap') this.onLost();
      // What stands between us and the server may end each watch that is silent for a while.
      const stood = this.clock.monotonic() - began >= BACKOFF.max;
      if (stood) this.recent.turn();
      failures = stood ? 0 : failures + 1;
      // An aborted signal ends the sleep, and with it the loop, at once.
      if (failures > 0) await this.clock.sleep(backoffDelay(failures - 1, BACKOFF, Math.random), signal);
    }
  }

  /** One watch, for two minutes at most. */
  private async turn(signal: AbortSignal): Promise<End> {
    while (!this.cursor.hasBeginning && !signal.aborted) await this.clock.sleep(WAIT_FOR_BEGINNING, signal);
    if (this.cursor.needsProbe) await this.probe(signal);
    const from = this.cursor.begin();
    const bound = new Deadline(this.clock, TURN).bind(signal);
    try {
      const body = await this.transport.watch(watchRequest(from), bound.signal);
      for await (const line of linesOf(body, this.transport.turns)) this.take(line);
      return 'broken';
    } catch (error) {
      if (!(bound.signal.reason instanceof DeadlineExceeded)) throw error;
      this.cursor.completed();
      return 'completed';
    } finally {
      bound.release();
    }
  }

  /** Asks for one event, and reads the version of the list around it. */
  private async probe(signal: AbortSignal): Promise<void> {
    const before = this.cursor.newest;
    const options = { priority: 'interactive', reason: 'pod-events-probe', signal } as const;
    const request: KubeRequest = {
      verb: 'list',
      kind: EVENTS,
      query: { limit: 1 },
      repeatable: true,
      options,
    };
    try {
      const page = await this.transport.request<{ metadata?: { resourceVersion?: string } }>(request);
      this.cursor.probed(page.metadata?.resourceVersion, before);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.verdict !== 'permanent') throw error;
      this.log.warn('may not list events, assuming they share their store with the rest', { error });
      this.cursor.probed(undefined, before);
    }
  }

  private accepts(namespace: string): boolean {
    return this.filters.some((accepts) => accepts(namespace));
  }

  private take(line: Buffer): void {
    if (line.length === 0) return;
    const namespace = namespaceInLine(line);
    const version = versionInLine(line);
    const isOurs = namespace === undefined || version === undefined || this.accepts(namespace);
    if (isOurs) this.parse(line);
    if (version !== undefined) this.cursor.heard(version);
  }

  private parse(line: Buffer): void {
    const { type, object } = JSON.parse(line.toString('utf8')) as WatchEvent;
    if (type === 'ERROR')
      throw refused(watchRequest(undefined), { statusCode: object.code ?? 500, headers: {} }, object);
    if (type !== 'ADDED' && type !== 'MODIFIED') return;
    const event = readPodEvent(object);
    if (this.accepts(event.namespace)) this.tell(event);
  }

  private endOf(error: unknown): End {
    if (error instanceof KubernetesError && error.status === 410) return 'gap';
    if (!this.controller.signal.aborted) this.log.warn('watch of pod events broke', { error });
    return 'broken';
  }

  private onLost(): void {
    this.log.info('pod events may have been missed');
    this.cursor.lost();
    for (const listener of this.gapListeners) this.guard(listener);
  }

  private tell(event: PodEvent): void {
    if (!this.recent.isNew(event.uid, event.resourceVersion)) return;
    for (const listener of this.listeners) this.guard(() => listener(event));
  }

  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.log.error('pod event listener failed', { error });
    }
  }
}

const watchRequest = (from: string | undefined): KubeRequest => ({
  verb: 'watch',
  kind: EVENTS,
  query: { watch: 'true', fieldSelector: ONLY_PODS, resourceVersion: from, timeoutSeconds: 180 },
  repeatable: true,
  options: { priority: 'interactive', reason: 'pod-events' },
});

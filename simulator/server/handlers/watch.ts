import { ApiError } from '../api-error.js';
import { negotiateShape } from '../http/negotiate.js';
import { isTrue } from '../http/request.js';
import type { Change, ChangeType, Entry } from '../store/entry.js';
import { checkWatchOptions } from './list-options.js';
import { selectorOf } from './select.js';
import type { Target } from './target.js';
import { WatchEncoder } from './watch-encoder.js';

/** Where a watch writes to; the HTTP response, seen from here. */
export interface WatchSink {
  write(line: Buffer): void;
  end(): void;
  onClose(callback: () => void): void;
}

const MIN_TIMEOUT_S = 1800;

/** One running watch: replays what was missed, then tells every change that its selectors see. */
export class Watch {
  private readonly encoder: WatchEncoder;
  private readonly test: ((entry: Entry) => boolean) | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private unsubscribe: () => void = () => undefined;
  private isEnded = false;
  private readonly from: number;

  /** Throws what must be answered with a plain HTTP error: bad selectors, bad versions. */
  constructor(
    private readonly target: Target,
    private readonly sink: WatchSink,
  ) {
    const { resource, request, cluster } = target;
    checkWatchOptions(request);
    const includeObject = request.query.get('includeObject') ?? 'Metadata';
    this.encoder = new WatchEncoder(resource, negotiateShape(request.accept), includeObject, () =>
      cluster.nowMs(),
    );
    this.test = selectorOf(target);
    this.from = this.version() ?? 0;
  }

  start(): void {
    const { cluster, resource, path } = this.target;
    this.sink.onClose(() => this.stop());
    const replayed = this.replay();
    if (!replayed) return;
    this.unsubscribe = cluster.hub.subscribe({
      storage: resource.storage,
      namespace: path.namespace,
      onChange: (change) => this.tell(change),
    });
    this.startTimers();
  }

  /** Ends the stream as the server does at its timeout and when it stops. */
  finish(): void {
    if (this.isEnded) return;
    if (this.wantsBookmarks) this.bookmark();
    this.stop();
    this.sink.end();
  }

  private stop(): void {
    this.isEnded = true;
    this.unsubscribe();
    this.timers.forEach(clearTimeout);
  }

  private get wantsBookmarks(): boolean {
    // Events are not served from the watch cache, which is what makes bookmarks.
    if (this.target.resource.storage === 'events') return false;
    return isTrue(this.target.request.query.get('allowWatchBookmarks'));
  }

  private version(): number | undefined {
    const text = this.target.request.query.get('resourceVersion') ?? '';
    if (text === '') return undefined;
    if (!/^\d+$/.test(text)) {
      const why = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;
      throw new ApiError(500, '', why);
    }
    return Number(text);
  }

  /** False when the watch ended with an error event instead. */
  private replay(): boolean {
    const { cluster, resource, request } = this.target;
    const version = this.from;
    const current = cluster.store.currentRevision;
    // A version not reached yet is waited for in silence, as the real server does.
    if (version > current) return true;
    if (version === 0 || isTrue(request.query.get('sendInitialEvents'))) {
      this.tellState();
      return true;
    }
    const history = cluster.store.history(resource.storage);
    if (version < history.oldestRevision) {
      return this.fail(
        new ApiError(410, 'Expired', `too old resource version: ${version} (${history.oldestRevision})`),
      );
    }
    for (const change of history.since(version)) {
      if (this.target.path.namespace === '' || change.entry.namespace === this.target.path.namespace)
        this.tell(change);
    }
    return true;
  }

  private tellState(): void {
    const { cluster, resource, path } = this.target;
    for (const entry of cluster.store.table(resource.storage).list(path.namespace)) {
      if (this.test?.(entry) ?? true) this.sink.write(this.encoder.line('ADDED', entry));
    }
    const { query } = this.target.request;
    const isList = isTrue(query.get('sendInitialEvents')) && isTrue(query.get('allowWatchBookmarks'));
    if (isList || this.wantsBookmarks) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  private tell(change: Change): void {
    if (change.revision <= this.from) return;
    const type = this.typeFor(change);
    if (type) this.sink.write(this.encoder.changeLine(type, change));
  }

  /** What a change means behind a selector: an object that no longer matches is gone, one that now does is new. */
  private typeFor({ type, entry, previous }: Change): ChangeType | undefined {
    if (!this.test) return type;
    const was = previous !== undefined && this.test(previous);
    const is = type !== 'DELETED' && this.test(entry);
    if (is) return was ? 'MODIFIED' : 'ADDED';
    return was ? 'DELETED' : undefined;
  }

  private fail(error: ApiError): false {
    this.sink.write(Buffer.from(`{"type":"ERROR","object":${JSON.stringify(error.status())}}\n`));
    this.isEnded = true;
    this.sink.end();
    return false;
  }

  private bookmark(annotations?: Record<string, string>): void {
    this.sink.write(this.encoder.bookmark(this.target.cluster.store.currentRevision, annotations));
  }

  private startTimers(): void {
    const { cluster, request } = this.target;
    const asked = Number(request.query.get('timeoutSeconds') ?? 0);
    const seconds = asked > 0 ? asked : MIN_TIMEOUT_S + Math.random() * MIN_TIMEOUT_S;
    this.timers.push(setTimeout(() => this.finish(), seconds * 1000));
    if (!this.wantsBookmarks) return;
    this.timers.push(setInterval(() => this.bookmark(), cluster.options.bookmarkIntervalMs));
  }
}

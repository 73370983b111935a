import type { Client } from './client.js';
import { ApiError } from './client.js';
import { Backoff, sleep } from './pacing.js';
import type { KubeObject } from './types.js';

interface Listing {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string; continue?: string };
  items: KubeObject[] | null;
}

interface WatchLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubeObject & { code?: number; message?: string };
}

export interface Subscriber<T extends KubeObject> {
  changed?(object: T): void;
  gone?(object: T): void;
}

export const keyOf = (object: KubeObject): string =>
  object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`;

/**
 * The current objects below one list path, kept by list and watch. It never gives up: whatever ends a watch, it resumes
 * from the last version seen, and lists again when that is refused.
 */
export class Informer<T extends KubeObject = KubeObject> {
  readonly store = new Map<string, T>();
  private readonly subscribers = new Set<Subscriber<T>>();
  private readonly stopping = new AbortController();
  private version = '';
  private loop: Promise<void> | undefined;
  private filled: (() => void) | undefined;
  private readonly synced = new Promise<void>((resolve) => (this.filled = resolve));

  /** `keep` says what of each object stays in memory. */
  constructor(
    private readonly client: Client,
    private readonly path: string,
    private readonly keep: (object: KubeObject) => T,
  ) {}

  /** Starts if needed; resolves when the first list is in the store. */
  start(): Promise<void> {
    this.loop ??= this.run();
    return Promise.race([this.synced, this.loop]);
  }

  /** Tells `subscriber` of every object known now and of every later change. */
  subscribe(subscriber: Subscriber<T>): () => void {
    this.subscribers.add(subscriber);
    for (const object of this.store.values()) subscriber.changed?.(object);
    return () => void this.subscribers.delete(subscriber);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const pause = new Backoff(10, 2_000);
    while (!this.stopping.signal.aborted) {
      try {
        if (this.version === '') await this.list();
        this.filled?.();
        if (await this.watch()) pause.reset();
      } catch (error) {
        if (error instanceof ApiError) this.version = '';
      }
      await sleep(pause.take(), this.stopping.signal);
    }
  }

  private async list(): Promise<void> {
    const seen = new Set<string>();
    let next: string | undefined;
    let version: string;
    do {
      const query: Record<string, string> = { limit: '500', ...(next !== undefined && { continue: next }) };
      const page = await this.client.get<Listing>(this.path, query);
      const type = { apiVersion: page.apiVersion, kind: page.kind.replace(/List$/, '') };
      for (const item of page.items ?? []) seen.add(this.take({ ...type, ...item }));
      version = page.metadata.resourceVersion;
      next = page.metadata.continue;
    } while (next !== undefined && next !== '');
    for (const [key, object] of this.store) if (!seen.has(key)) this.drop(key, object);
    this.version = version;
  }

  /** Follows one watch to its end; true if anything arrived on it. */
  private async watch(): Promise<boolean> {
    const timeoutSeconds = String(240 + Math.floor(Math.random() * 60));
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.version,
      timeoutSeconds,
    };
    let heard = false;
    for await (const line of this.client.lines(this.path, query, this.stopping.signal)) {
      if (this.stopping.signal.aborted) break;
      if (line.trim() === '') continue;
      this.apply(JSON.parse(line) as WatchLine);
      heard = true;
    }
    return heard;
  }

  private apply({ type, object }: WatchLine): void {
    if (type === 'ERROR') throw new ApiError(object.code ?? 410, 'Expired', object.message ?? '');
    this.version = object.metadata.resourceVersion ?? this.version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.drop(keyOf(object), this.keep(object));
    else this.take(object);
  }

  private take(raw: KubeObject): string {
    const key = keyOf(raw);
    const known = this.store.get(key);
    if (known && known.metadata.uid !== raw.metadata.uid) this.drop(key, known);
    else if (known && known.metadata.resourceVersion === raw.metadata.resourceVersion) return key;
    const object = this.keep(raw);
    this.store.set(key, object);
    for (const each of this.subscribers) each.changed?.(object);
    return key;
  }

  private drop(key: string, object: T): void {
    this.store.delete(key);
    for (const each of this.subscribers) each.gone?.(object);
  }
}

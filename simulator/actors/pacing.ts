import { setMaxListeners } from 'node:events';

/** Waits `ms` milliseconds; an abort ends the wait early and is no error. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (!signal) return;
    // However many wait for one signal, each takes its listener back: no leak to be warned of.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Growing pauses: `firstMs` doubled per call, never above `maxMs`. */
export class Backoff {
  private next: number;

  constructor(
    private readonly firstMs: number,
    private readonly maxMs: number,
  ) {
    this.next = firstMs;
  }

  /** The pause before the coming attempt, in milliseconds. */
  take(): number {
    const now = this.next;
    this.next = Math.min(this.next * 2, this.maxMs);
    return now;
  }

  reset(): void {
    this.next = this.firstMs;
  }
}

/** Does the work of one key; a number asks to be called again after so many milliseconds. */
export type KeyWork = (key: string) => Promise<number | undefined>;

/**
 * A queue that holds each key at most once and never runs one key twice at a time. Work that throws is repeated after a
 * growing pause, for ever: an actor outlives every fault of its API server.
 */
export class KeyQueue {
  private readonly ready = new Set<string>();
  private readonly running = new Set<string>();
  private readonly timers = new Map<string, { timer: NodeJS.Timeout; due: number }>();
  private readonly failures = new Map<string, number>();
  private closed = false;
  private idle: (() => void) | undefined;

  constructor(
    private readonly work: KeyWork,
    private readonly width = 8,
  ) {}

  add(key: string, afterMs = 0): void {
    if (this.closed) return;
    if (afterMs > 0) {
      this.later(key, afterMs);
      return;
    }
    this.forgetTimer(key);
    this.ready.add(key);
    this.pump();
  }

  /** Takes no more work and waits for what runs. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.ready.clear();
    if (this.running.size > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  /** Of several waits for one key the earliest counts. */
  private later(key: string, afterMs: number): void {
    const due = performance.now() + afterMs;
    if ((this.timers.get(key)?.due ?? Infinity) <= due) return;
    this.forgetTimer(key);
    this.timers.set(key, { due, timer: setTimeout(() => this.add(key), afterMs) });
  }

  private forgetTimer(key: string): void {
    clearTimeout(this.timers.get(key)?.timer);
    this.timers.delete(key);
  }

  private pump(): void {
    for (const key of this.ready) {
      if (this.running.size >= this.width) return;
      if (this.running.has(key)) continue;
      this.ready.delete(key);
      this.running.add(key);
      void this.run(key);
    }
  }

  private async run(key: string): Promise<void> {
    try {
      const again = await this.work(key);
      this.failures.delete(key);
      if (again !== undefined) this.add(key, Math.max(1, again));
    } catch {
      const failures = (this.failures.get(key) ?? 0) + 1;
      this.failures.set(key, failures);
      this.add(key, Math.min(5 * 2 ** failures, 2_000));
    } finally {
      this.running.delete(key);
      if (this.running.size === 0) this.idle?.();
      this.pump();
    }
  }
}

import { setMaxListeners } from 'node:events';
import { randomId } from '../common/ids.js';
import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from './backoff.js';
import type { BackoffOptions } from './backoff.js';
import { TerminalError } from './outcome.js';
import type { Reconciler } from './outcome.js';
import { inRun } from './run-context.js';

/** How one run ended, for metrics and specs. */
export interface RunReport<Key extends string> {
  readonly queue: string;
  readonly key: Key;
  readonly reconcileId: string;
  readonly outcome: 'settled' | 'again' | 'failed' | 'terminal';
  readonly duration: Millis;
  readonly error?: unknown;
}

export interface QueueOptions<Key extends string> {
  /** Names the queue in logs and metrics. */
  readonly name: string;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log?: Log;
  /** Waits after failures of one key; default 250 ms doubling to 60 s. A run without failure resets it. */
  readonly backoff?: BackoffOptions;
  readonly random?: () => number;
  /** Which of the due keys goes first; default the one that was due first. */
  readonly order?: (a: Key, b: Key) => number;
  readonly onOutcome?: (report: RunReport<Key>) => void;
}

export interface QueueStats {
  /** Due, waiting for a free place. */
  readonly queued: number;
  readonly running: number;
  /** Waiting for their time. */
  readonly delayed: number;
}

interface Waiting<Key extends string> {
  readonly key: Key;
  readonly due: number;
  readonly turn: number;
}

const DEFAULT_BACKOFF: BackoffOptions = { base: 250 as Millis, max: 60_000 as Millis };
/** What an aborted run gets to clean up. */
const GRACE = 1000 as Millis;

/**
 * Runs a reconciler for keys that somebody marked dirty.
 *
 * Promises: a marked key is run after its mark; marks merge and the earliest time wins; one key never runs twice at
 * once (marked while running, it runs again); at most `concurrency` keys run; a failing key waits longer each time.
 * Assumes that runs end by themselves: a run that hangs keeps its place until the drain's deadline.
 * Starts paused: nothing runs before `start()`, and marks are kept while paused.
 */
export class KeyedQueue<Key extends string> {
  private readonly waiting = new Map<Key, Waiting<Key>>();
  private readonly running = new Map<Key, Promise<void>>();
  private readonly failures = new Map<Key, number>();
  private abort = manyListeners();
  private active = false;
  private drained = false;
  private turns = 0;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly reconciler: Reconciler<Key>,
    private readonly options: QueueOptions<Key>,
  ) {}

  /** Marks `key` dirty, to be run at the earliest `after` from now. A key that already waits keeps the earlier time. */
  add(key: Key, after: Millis = 0 as Millis): void {
    if (this.drained) return;
    const due = this.options.clock.monotonic() + after;
    const known = this.waiting.get(key);
    if (known && known.due <= due) return;
    this.waiting.set(key, { key, due, turn: known?.turn ?? ++this.turns });
    this.pump();
  }

  /** Begins, or after `pause` goes on, to run keys. */
  start(): void {
    if (this.drained) return;
    this.active = true;
    this.pump();
  }

  /** Leadership is lost: starts no more runs and aborts the signal of those under way; marks are kept. */
  pause(): void {
    this.stop();
    this.abort.abort();
    this.abort = manyListeners();
  }

  /**
   * Takes no more marks, starts no more runs, and waits for those under way; after `deadline` it aborts their
   * signal and waits at most one second more.
   */
  async drain(deadline: Millis): Promise<void> {
    this.drained = true;
    this.stop();
    this.waiting.clear();
    const { clock } = this.options;
    const ended = Promise.all(this.running.values());
    const cancelAbort = clock.after(deadline, () => this.abort.abort());
    const given = new AbortController();
    await Promise.race([ended, clock.sleep((deadline + GRACE) as Millis, given.signal)]);
    given.abort();
    cancelAbort();
  }

  stats(): QueueStats {
    const now = this.options.clock.monotonic();
    let queued = 0;
    for (const entry of this.waiting.values()) if (entry.due <= now) queued += 1;
    return { queued, running: this.running.size, delayed: this.waiting.size - queued };
  }

  private stop(): void {
    this.active = false;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private pump(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (!this.active) return;
    while (this.running.size < this.options.concurrency) {
      const next = this.takeDue();
      if (!next) break;
      this.launch(next.key);
    }
    this.armTimer();
  }

  private takeDue(): Waiting<Key> | undefined {
    const now = this.options.clock.monotonic();
    let best: Waiting<Key> | undefined;
    for (const entry of this.waiting.values()) {
      if (entry.due > now || this.running.has(entry.key)) continue;
      if (!best || this.isBefore(entry, best)) best = entry;
    }
    if (best) this.waiting.delete(best.key);
    return best;
  }

  private isBefore(a: Waiting<Key>, b: Waiting<Key>): boolean {
    const ordered = this.options.order?.(a.key, b.key) ?? 0;
    if (ordered !== 0) return ordered < 0;
    return a.due === b.due ? a.turn < b.turn : a.due < b.due;
  }

  private armTimer(): void {
    if (this.running.size >= this.options.concurrency) return;
    let next = Infinity;
    for (const entry of this.waiting.values()) {
      if (!this.running.has(entry.key)) next = Math.min(next, entry.due);
    }
    if (next === Infinity) return;
    const wait = Math.ceil(Math.max(0, next - this.options.clock.monotonic())) as Millis;
    this.cancelTimer = this.options.clock.after(wait, () => this.pump());
  }

  private launch(key: Key): void {
    const reconcileId = randomId(8);
    const context = { queue: this.options.name, key, reconcileId };
    const run = inRun(context, () => this.run(key, reconcileId)).finally(() => {
      this.running.delete(key);
      this.pump();
    });
    this.running.set(key, run);
  }

  private async run(key: Key, reconcileId: string): Promise<void> {
    const began = this.options.clock.monotonic();
    const report = (outcome: RunReport<Key>['outcome'], error?: unknown): void => {
      const duration = (this.options.clock.monotonic() - began) as Millis;
      this.tell({ queue: this.options.name, key, reconcileId, outcome, duration, error });
    };
    try {
      const outcome = await this.reconciler.reconcile(key, this.abort.signal);
      this.failures.delete(key);
      if (outcome.kind === 'again') this.add(key, outcome.after);
      report(outcome.kind);
    } catch (error) {
      report(this.onFailure(key, error), error);
    }
  }

  private onFailure(key: Key, error: unknown): 'failed' | 'terminal' {
    if (error instanceof TerminalError) {
      this.failures.delete(key);
      return 'terminal';
    }
    const attempt = this.failures.get(key) ?? 0;
    this.failures.set(key, attempt + 1);
    const { backoff = DEFAULT_BACKOFF, random = Math.random } = this.options;
    this.add(key, backoffDelay(attempt, backoff, random));
    return 'failed';
  }

  private tell(report: RunReport<Key>): void {
    const { key, reconcileId, outcome, duration, error } = report;
    const log = this.options.log?.child({ queue: report.queue, key, reconcileId });
    if (outcome === 'failed') log?.warn('reconcile failed', { duration, error });
    else if (outcome === 'terminal') log?.error('reconcile stopped', { duration, error });
    else log?.debug('reconcile ended', { outcome, duration });
    try {
      this.options.onOutcome?.(report);
    } catch (failure) {
      log?.error('outcome observer failed', { error: failure });
    }
  }
}

/** Each request of each run listens, so that Node's warning of a leak would come with the eleventh. */
function manyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

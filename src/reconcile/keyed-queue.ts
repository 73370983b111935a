import { randomId } from '../common/ids.js';
import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from './backoff.js';
import type { BackoffOptions } from './backoff.js';
import { TerminalError, restAsked } from './outcome.js';
import type { Reconciler } from './outcome.js';
import { Run } from './run.js';
import { TurnShare } from './turn-share.js';
import { WaitingKeys } from './waiting-keys.js';
import type { Rank } from './waiting-keys.js';

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
  /** Runs at the same time. */
  readonly concurrency: number;
  /** Default: no key needs a place. */
  readonly admission?: Admission<Key>;
  readonly clock: Clock;
  readonly log: Log;
  /** Waits after failures of one key; default 250 ms doubling to 60 s. A run without failure resets it. */
  readonly backoff?: BackoffOptions;
  readonly random?: () => number;
  /**
   * Which of the due keys goes first: the one of the smallest rank; default, and among equals, the one that was due
   * first. Asked at each mark, so whatever changes a key's rank must mark it.
   */
  readonly rank?: (key: Key) => Rank;
}

/** A narrower bound for the part of a run that is to be spared the cluster's other users. */
export interface Admission<Key extends string> {
  /** Runs that hold a place at the same time; each holds its own until it leaves it, or ends. */
  readonly places: number;
  /** Keys that need none must rank before those that do, or wait for them. */
  readonly isNeeded: (key: Key) => boolean;
}

export interface QueueStats {
  /** Due, waiting for a free place. */
  readonly queued: number;
  readonly running: number;
  /** Waiting for their time. */
  readonly delayed: number;
}

const DEFAULT_BACKOFF: BackoffOptions = { base: 250 as Millis, max: 60_000 as Millis };
const UNRANKED: Rank = [];
/** What the runs under way get when the process ends, unless the caller says otherwise. */
const DRAIN = 5000 as Millis;
/** Begun in one turn of the event loop: a look at a settled lab waits for nothing, and a sweep is thousands of them. */
const RUNS_A_TURN = 32;
/** What an aborted run gets to clean up. */
const GRACE = 1000 as Millis;

/**
 * Runs a reconciler for keys that somebody marked dirty.
 *
 * Promises: a marked key is run after its mark; marks merge and the earliest time wins; one key never runs twice at
 * once (marked while running, it runs again); at most `concurrency` keys run, and of those that need a place as many as
 * there are; a failing key waits longer each time, and as long as its failure asks whoever marks it.
 * Assumes that runs end by themselves: a run that hangs keeps its place until the drain's deadline.
 * Starts paused: nothing runs before `start()`, and marks are kept while paused.
 */
export class KeyedQueue<Key extends string> {
  private readonly waiting: WaitingKeys<Key>;
  private readonly running = new Map<Key, Promise<void>>();
  private readonly placed = new Set<Run>();
  private readonly share = new TurnShare(RUNS_A_TURN, () => this.pump());
  private readonly failures = new Map<Key, number>();
  private readonly followers: ((report: RunReport<Key>) => void)[] = [];
  private abort = new AbortController();
  private active = false;
  private drained = false;
  private timer: { readonly due: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly reconciler: Reconciler<Key>,
    private readonly options: QueueOptions<Key>,
  ) {
    this.waiting = new WaitingKeys(options.rank ?? (() => UNRANKED));
  }

  /** Marks `key` dirty, to be run at the earliest `after` from now. A key that already waits keeps the earlier time. */
  add(key: Key, after: Millis = 0 as Millis): void {
    if (this.drained) return;
    this.waiting.add(key, this.options.clock.monotonic() + after);
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
    this.abort = new AbortController();
  }

  /**
   * Takes no more marks, starts no more runs, and waits for those under way; after `deadline` (5 s) it aborts their
   * signal and waits at most one second more.
   */
  async drain(deadline: Millis = DRAIN): Promise<void> {
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

  /** Tells of every run that ended. */
  onOutcome(follower: (report: RunReport<Key>) => void): void {
    this.followers.push(follower);
  }

  stats(): QueueStats {
    const queued = this.waiting.countDue(this.options.clock.monotonic());
    return { queued, running: this.running.size, delayed: this.waiting.size - queued };
  }

  private stop(): void {
    this.active = false;
    this.disarm();
  }

  private pump(): void {
    if (!this.active) return;
    const { places = Infinity } = this.options.admission ?? {};
    while (this.share.isLeft && this.running.size < this.options.concurrency) {
      const now = this.options.clock.monotonic();
      const next = this.waiting.take(now, {
        isBusy: (key) => this.running.has(key),
        isAdmitted: (key) => this.placed.size < places || !this.needsPlace(key),
      });
      if (next === undefined) break;
      this.launch(next);
    }
    this.armTimer();
  }

  private needsPlace(key: Key): boolean {
    return this.options.admission?.isNeeded(key) ?? false;
  }

  /** As long as it runs or begins as many as it may, the end of a run or of the turn is what to wait for. */
  private armTimer(): void {
    const isFull = !this.share.isLeft || this.running.size >= this.options.concurrency;
    const due = isFull ? undefined : this.waiting.nextDue();
    if (due === this.timer?.due) return;
    this.disarm();
    if (due === undefined) return;
    const wait = Math.ceil(Math.max(0, due - this.options.clock.monotonic())) as Millis;
    const cancel = this.options.clock.after(wait, () => {
      this.timer = undefined;
      this.pump();
    });
    this.timer = { due, cancel };
  }

  private disarm(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private launch(key: Key): void {
    this.share.take();
    const about = { queue: this.options.name, key, reconcileId: randomId(8) };
    const run = new Run(about, this.abort.signal, this.options.log, () => {
      if (this.placed.delete(run)) this.pump();
    });
    if (this.needsPlace(key)) this.placed.add(run);
    const ended = this.run(key, run).finally(() => {
      this.placed.delete(run);
      this.running.delete(key);
      this.waiting.freed(key);
      this.pump();
    });
    this.running.set(key, ended);
  }

  private async run(key: Key, run: Run): Promise<void> {
    const began = this.options.clock.monotonic();
    const report = (outcome: RunReport<Key>['outcome'], error?: unknown): void => {
      const duration = (this.options.clock.monotonic() - began) as Millis;
      this.tell({ ...run.about, key, outcome, duration, error }, run);
    };
    try {
      const outcome = await this.reconciler.reconcile(key, run);
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
    const { backoff = DEFAULT_BACKOFF, random = Math.random, clock } = this.options;
    const rest = restAsked(error);
    if (rest !== undefined) this.waiting.rest(key, clock.monotonic() + rest);
    this.add(key, backoffDelay(attempt, backoff, random));
    return 'failed';
  }

  private tell(report: RunReport<Key>, run: Run): void {
    const { outcome, duration, error } = report;
    if (outcome === 'failed') run.log.warn('reconcile failed', { duration, error });
    else if (outcome === 'terminal') run.log.error('reconcile stopped', { duration, error });
    else this.options.log.debug('reconcile ended', { ...run.about, outcome, duration });
    for (const follower of this.followers) {
      try {
        follower(report);
      } catch (failure) {
        run.log.error('outcome observer failed', { error: failure });
      }
    }
  }
}

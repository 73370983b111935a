import type { SchedulerRegistry } from '@nestjs/schedule';
import { intervalOf } from '../common/clock.js';
import type { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import type { KeyedQueue } from './keyed-queue.js';

const LOOK_EVERY = millis(50);

export interface LeaderLoopOptions {
  /** Names the sweep in the scheduler; no other loop has the name. */
  readonly name: string;
  readonly queue: Pick<KeyedQueue<string>, 'start' | 'pause' | 'drain'>;
  readonly leadership: {
    readonly leading: boolean;
    onChange(listener: () => void): () => void;
  };
  readonly scheduler: SchedulerRegistry;
  readonly clock: Clock;
  /** How often everything is looked at for what a lost signal left lying; brought between one second and what a timer takes. */
  readonly sweepEvery: Millis;
  readonly isSynced: () => boolean;
  /** Marks everything that might need work. */
  readonly sweep: () => void;
  /** Forgets what only a leader knows. */
  readonly onLost: () => void;
  /** Called after the first sweep as leader. */
  readonly onBegin?: () => void;
}

/**
 * Runs a queue while this process leads and its caches are filled, and sweeps now and then.
 *
 * Promises: the queue runs only between `begin` and `end`; a sweep is made at each begin of leadership, at the interval,
 * and when asked for, and only by the leader. Needs `begin` once; `end` waits for the runs under way.
 */
export class LeaderLoop {
  private forget: () => void = () => undefined;
  private ended = false;

  constructor(private readonly options: LeaderLoopOptions) {}

  begin(): void {
    const { leadership, scheduler, name, sweepEvery } = this.options;
    this.forget = leadership.onChange(() => this.follow());
    const every = intervalOf(sweepEvery);
    scheduler.addInterval(
      name,
      setInterval(() => this.sweep(), every),
    );
    this.follow();
  }

  sweep(): void {
    if (this.options.leadership.leading) this.options.sweep();
  }

  async end(): Promise<void> {
    this.ended = true;
    this.forget();
    const { scheduler, name, queue } = this.options;
    if (scheduler.doesExist('interval', name)) scheduler.deleteInterval(name);
    await queue.drain();
  }

  private follow(): void {
    const { leadership, queue, clock, isSynced, onLost, onBegin } = this.options;
    if (!leadership.leading || this.ended) {
      queue.pause();
      onLost();
      return;
    }
    if (!isSynced()) {
      clock.after(LOOK_EVERY, () => this.follow());
      return;
    }
    queue.start();
    this.sweep();
    onBegin?.();
  }
}

import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { seconds } from '../common/units.js';
import { KeyedQueue } from '../reconcile/index.js';
import type { QueueStats, RunReport } from '../reconcile/index.js';
import { PrepullsReconciler } from './prepulls.reconciler.js';

const DRAIN = seconds(5);
/** Nodes written about at the same time; pulls take no place here, as nothing waits for them. */
const CONCURRENCY = 32;

/** The leader's queue of nodes. */
@Injectable()
export class PrepullsQueue {
  private readonly queue: KeyedQueue<string>;
  private readonly followers: ((report: RunReport<string>) => void)[] = [];

  constructor(reconciler: PrepullsReconciler, clock: Clock, log: Log) {
    this.queue = new KeyedQueue(reconciler, {
      name: 'prepulls',
      concurrency: CONCURRENCY,
      clock,
      log,
      onOutcome: (report) => {
        for (const follower of this.followers) follower(report);
      },
    });
  }

  mark(node: string): void {
    this.queue.add(node);
  }

  start(): void {
    this.queue.start();
  }

  pause(): void {
    this.queue.pause();
  }

  stats(): QueueStats {
    return this.queue.stats();
  }

  /** Tells of every run that ended. */
  onOutcome(follower: (report: RunReport<string>) => void): void {
    this.followers.push(follower);
  }

  drain(): Promise<void> {
    return this.queue.drain(DRAIN);
  }
}

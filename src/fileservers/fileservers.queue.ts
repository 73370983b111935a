import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { seconds } from '../common/units.js';
import { AppSettings } from '../config/index.js';
import { KeyedQueue } from '../reconcile/index.js';
import type { QueueStats, RunReport } from '../reconcile/index.js';
import { FileserversReconciler } from './fileservers.reconciler.js';

const DRAIN = seconds(5);

/** The leader's queue of file servers; a run ends when a server only waits, so its width bounds the writing alone. */
@Injectable()
export class FileserversQueue {
  private readonly queue: KeyedQueue<string>;
  private readonly followers: ((report: RunReport<string>) => void)[] = [];

  constructor(reconciler: FileserversReconciler, clock: Clock, log: Log, settings: AppSettings) {
    this.queue = new KeyedQueue(reconciler, {
      name: 'fileservers',
      concurrency: settings.berth.queue.concurrency,
      clock,
      log,
      onOutcome: (report) => {
        for (const follower of this.followers) follower(report);
      },
    });
  }

  mark(name: string): void {
    this.queue.add(name);
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

import { Injectable } from '@nestjs/common';

import { seconds } from '../common/units.js';
import { KeyedQueue } from '../reconcile/index.js';
import type { QueueStats, RunReport } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import { queueOrder } from './lab.queue.js';
import { LabView } from './lab.view.js';
import { LabsReconciler } from './labs.reconciler.js';

const DRAIN = seconds(5);

/**
 * The leader's queue of labs. A run ends when a lab only waits, so the runs under way are the labs being written:
 * the queue's width is the admission, and its order the queue that users see.
 */
@Injectable()
export class LabsQueue {
  private readonly queue: KeyedQueue<string>;
  private readonly followers: ((report: RunReport<string>) => void)[] = [];

  constructor(reconciler: LabsReconciler, view: LabView, context: ActorContext) {
    const { clock, log, settings } = context;
    this.queue = new KeyedQueue(reconciler, {
      name: 'labs',
      concurrency: settings.berth.queue.concurrency,
      clock,
      log,
      order: (a, b) => {
        const [x, y] = [view.labs.find(a), view.labs.find(b)];
        return x && y ? queueOrder(x, y) : Number(x !== undefined) - Number(y !== undefined);
      },
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

import { Injectable } from '@nestjs/common';

import { seconds } from '../common/units.js';
import { KeyedQueue } from '../reconcile/index.js';
import type { QueueStats, Rank, RunReport } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import { queueRank } from './lab.queue.js';
import { LabView } from './lab.view.js';
import { LabsReconciler } from './labs.reconciler.js';

const DRAIN = seconds(5);
/** What has no record, or only that of a stopped lab, is quickly looked at. */
const WITHOUT_LAB: Rank = [-1, 0, 0, ''];

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
      rank: (name) => {
        const lab = view.labs.find(name);
        return lab ? queueRank(lab) : WITHOUT_LAB;
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

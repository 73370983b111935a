import { Injectable } from '@nestjs/common';
import type { Histogram } from 'prom-client';
import type { QueueStats, RunReport } from '../reconcile/index.js';
import { Metrics } from './metrics.js';

/** A queue as it is measured. */
export interface MeasuredQueue {
  stats(): QueueStats;
  onOutcome(follower: (report: RunReport<string>) => void): void;
}

/** Figures that every reconciler's queue has, told apart by the queue's name. */
@Injectable()
export class QueueMetrics {
  private readonly queues = new Map<string, MeasuredQueue>();
  private readonly runs: Histogram<'queue' | 'outcome'>;

  constructor(metrics: Metrics) {
    const { queues } = this;
    metrics.gauge({
      name: 'berth_reconcile_queue',
      help: 'Keys in the queue: due, running, waiting for their time.',
      labelNames: ['queue', 'state'],
      collect() {
        for (const [queue, measured] of queues) {
          const { queued, running, delayed } = measured.stats();
          for (const [state, count] of Object.entries({ queued, running, delayed })) {
            this.set({ queue, state }, count);
          }
        }
      },
    });
    this.runs = metrics.histogram({
      name: 'berth_reconcile_duration_seconds',
      help: 'Runs of the reconciler, by outcome.',
      labelNames: ['queue', 'outcome'],
      buckets: [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10],
    });
  }

  measure(name: string, queue: MeasuredQueue): void {
    this.queues.set(name, queue);
    queue.onOutcome(({ outcome, duration }) => this.runs.observe({ queue: name, outcome }, duration / 1000));
  }
}

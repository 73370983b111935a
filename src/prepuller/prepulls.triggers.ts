import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { LeaderLoop } from '../reconcile/index.js';
import { PrepullerSignals } from './prepuller.signals.js';
import { PrepullsQueue } from './prepulls.queue.js';
import { PrepullsView } from './prepulls.view.js';
import { PullBounds } from './pull-bounds.js';

/** Looks at caches only. What it finds, a lost signal left lying; none is known to get lost. */
const SWEEP_EVERY = seconds(300);
/** A class that starts changes a node dozens of times, and no pull has to begin or end that soon. */
const SPAWNS_MERGE = millis(250);

/** Everything that marks a node dirty: the matrix of images, our pods and records, labs, the sweep. */
@Injectable()
export class PrepullsTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  private readonly loop: LeaderLoop;

  constructor(
    private readonly view: PrepullsView,
    private readonly queue: PrepullsQueue,
    private readonly bounds: PullBounds,
    private readonly signals: PrepullerSignals,
  ) {
    const { leadership, scheduler, clock } = signals;
    this.loop = new LeaderLoop({
      name: 'prepulls.sweep',
      queue,
      leadership,
      scheduler,
      clock,
      sweepEvery: SWEEP_EVERY,
      isSynced: () => view.synced,
      sweep: () => this.sweep(),
      onLost: () => view.memory.clear(),
    });
  }

  onApplicationBootstrap(): void {
    const { matrix, pulls, spawns } = this.view;
    this.ends.push(
      matrix.onChange((node) => this.mark(node)),
      pulls.onChange((node) => {
        this.mark(node);
        this.call();
      }),
      spawns.onChange((node) => this.mark(node, SPAWNS_MERGE)),
    );
    // A node that turned a place down leaves it to the next.
    this.queue.onOutcome(() => this.call());
    this.loop.begin();
  }

  async onModuleDestroy(): Promise<void> {
    for (const end of this.ends) end();
    await this.loop.end();
  }

  private sweep(): void {
    for (const node of this.view.nodes()) this.mark(node);
  }

  private mark(node: string, after?: Millis): void {
    if (this.signals.leadership.leading && node !== '') this.queue.add(node, after);
  }

  /** Nodes that waited for a place and may have one now. */
  private call(): void {
    for (const node of this.bounds.callable()) this.mark(node);
  }
}

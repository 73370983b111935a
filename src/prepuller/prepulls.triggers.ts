import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { seconds } from '../common/units.js';
import { PrepullerSignals } from './prepuller.signals.js';
import { PrepullsQueue } from './prepulls.queue.js';
import { PrepullsView } from './prepulls.view.js';
import { PullBounds } from './pull-bounds.js';

const SWEEP = 'prepulls.sweep';
const LOOK_EVERY = seconds(0.05);
/** Looks at caches only. What it finds, a lost signal left lying; none is known to get lost. */
const SWEEP_EVERY = seconds(300);

/** Everything that marks a node dirty: the matrix of images, our pods and records, labs, the sweep. */
@Injectable()
export class PrepullsTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly view: PrepullsView,
    private readonly queue: PrepullsQueue,
    private readonly bounds: PullBounds,
    private readonly signals: PrepullerSignals,
  ) {}

  onApplicationBootstrap(): void {
    const { matrix, pulls, spawns } = this.view;
    this.ends.push(
      matrix.onChange((node) => this.mark(node)),
      pulls.onChange((node) => {
        this.mark(node);
        this.call();
      }),
      spawns.onChange((node) => this.mark(node)),
      this.signals.leadership.onChange(() => this.follow()),
    );
    // A node that turned a place down leaves it to the next.
    this.queue.onOutcome(() => this.call());
    this.signals.scheduler.addInterval(
      SWEEP,
      setInterval(() => this.sweep(), SWEEP_EVERY),
    );
    this.follow();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    for (const end of this.ends) end();
    if (this.signals.scheduler.doesExist('interval', SWEEP)) this.signals.scheduler.deleteInterval(SWEEP);
    await this.queue.drain();
  }

  /** Runs the queue while this process leads and knows what there is. */
  private follow(): void {
    if (!this.signals.leadership.leading || this.stopped) {
      this.queue.pause();
      this.view.memory.clear();
      return;
    }
    if (!this.view.synced) {
      this.signals.clock.after(LOOK_EVERY, () => this.follow());
      return;
    }
    this.queue.start();
    this.sweep();
  }

  private sweep(): void {
    for (const node of this.view.nodes()) this.mark(node);
  }

  private mark(node: string): void {
    if (this.signals.leadership.leading && node !== '') this.queue.mark(node);
  }

  /** Nodes that waited for a place and may have one now. */
  private call(): void {
    for (const node of this.bounds.callable()) this.mark(node);
  }
}

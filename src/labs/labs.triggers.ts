import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import type { PodEvent } from '../kubernetes/index.js';
import { ClusterSignals } from './cluster.signals.js';
import { ActorContext } from './actor.context.js';
import { currentProgress } from './lab.phase.js';
import type { Lab } from './lab.js';
import { isNoise, isOfOperation, relayed } from './lab.relay.js';
import { LabView } from './lab.view.js';
import { LabWished } from './labs.events.js';
import { LabsQueue } from './labs.queue.js';

const SWEEP = 'labs.sweep';
const LOOK_EVERY = millis(50);
const SHORTEST_INTERVAL = seconds(1);
const LONGEST_INTERVAL = millis(2 ** 31 - 1);

/** Everything that marks a lab dirty: watches, pod events, the bus, the sweep. Only the leader's queue runs. */
@Injectable()
export class LabsTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly view: LabView,
    private readonly queue: LabsQueue,
    private readonly cluster: ClusterSignals,
    private readonly context: ActorContext,
  ) {}

  onApplicationBootstrap(): void {
    const { labs, world } = this.view;
    const { leadership, events, scheduler } = this.cluster;
    this.ends.push(
      this.view.brake.onResume(() => this.sweep()),
      labs.onChange(({ value }) => this.queue.mark(value.name)),
      labs.onStopped((record) => {
        if (record.beingDeleted) this.queue.mark(record.name);
      }),
      labs.onRequest((name) => this.queue.mark(name)),
      world.onChange((name) => this.queue.mark(name)),
      this.context.bus.on(LabWished, ({ lab }) => this.queue.mark(lab)),
      events.onEvent((event) => this.onPodEvent(event)),
      events.onGap(() => this.relist()),
      leadership.onChange(() => this.follow()),
    );
    events.watch((namespace) => world.namesIn(namespace).length > 0);
    scheduler.addInterval(
      SWEEP,
      setInterval(() => this.sweep(), this.interval()),
    );
    this.follow();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    for (const end of this.ends) end();
    const { scheduler } = this.cluster;
    if (scheduler.doesExist('interval', SWEEP)) scheduler.deleteInterval(SWEEP);
    await this.queue.drain();
  }

  /** Runs the queue while this process leads and knows what there is. */
  private follow(): void {
    const { leading } = this.cluster.leadership;
    if (!leading || this.stopped) {
      this.queue.pause();
      this.view.memory.clear();
      return;
    }
    if (!this.view.synced) {
      this.context.clock.after(LOOK_EVERY, () => this.follow());
      return;
    }
    this.queue.start();
    this.sweep();
    this.relist();
  }

  /** Marks everything that might need work. */
  private sweep(): void {
    if (!this.cluster.leadership.leading) return;
    for (const lab of this.view.labs.list()) this.queue.mark(lab.name);
    for (const record of this.view.labs.listStopped()) if (record.beingDeleted) this.queue.mark(record.name);
    for (const place of this.view.world.places()) this.queue.mark(place.name);
    const malformed = this.view.labs.malformed();
    if (malformed.length > 0)
      this.context.log.error('Lab resources cannot be read', { labs: malformed.join(' ') });
  }

  private onPodEvent(event: PodEvent): void {
    const { memory } = this.view;
    memory.pulls.learn(event);
    if (!this.cluster.leadership.leading || isNoise(event)) return;
    for (const name of this.view.world.namesIn(event.namespace)) {
      const lab = this.view.labs.find(name);
      if (!lab || !isWaiting(lab) || !isOfOperation(this.view.observe(lab), event.podUid)) continue;
      memory.of(lab).remember([relayed(event, memory.pulls.expectation(event))]);
      this.queue.mark(name);
    }
  }

  /** Events were missed, or nobody listened yet: each lab that still waits is asked about once. */
  private relist(): void {
    if (!this.cluster.leadership.leading) return;
    for (const lab of this.view.labs.list()) {
      if (!isWaiting(lab) || !currentProgress(lab)?.objectsCreated) continue;
      const { namespace } = this.view.world.namesOf(lab);
      this.cluster.events.listNamespace(namespace).catch((error: unknown) => {
        this.context.log.warn('pod events were not listed', { lab: lab.name, error });
      });
    }
  }

  private interval(): Millis {
    const { reconcileInterval } = this.context.settings.lab;
    return millis(Math.min(Math.max(reconcileInterval, SHORTEST_INTERVAL), LONGEST_INTERVAL));
  }
}

/** A spawn that has not ended: only then is what happens to its pod part of the story. */
const isWaiting = (lab: Lab): boolean =>
  lab.wish.desiredState === 'running' && !currentProgress(lab)?.ended && !lab.beingDeleted;

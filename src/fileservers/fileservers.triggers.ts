import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';

import { Clock } from '../common/clock.js';
import { millis, seconds } from '../common/units.js';
import { withoutSecrets } from '../common/without-secrets.js';
import { EventBus } from '../events/index.js';
import { Leadership, PodEvents } from '../kubernetes/index.js';
import type { PodEvent } from '../kubernetes/index.js';
import { currentProgress } from './fileserver.js';
import { FileserverView } from './fileserver.view.js';
import { FileServerWished } from './fileservers.events.js';
import { FileserversQueue } from './fileservers.queue.js';

const SWEEP = 'fileservers.sweep';
const LOOK_EVERY = millis(50);
const SHORTEST_INTERVAL = seconds(1);
const LONGEST_INTERVAL = millis(2 ** 31 - 1);
/** What no status of a pod tells, and what is worth a word while somebody waits. */
const TELLING = new Set(['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'NetworkNotReady']);

/** Where signals from outside come from. */
@Injectable()
export class FileserverSignals {
  constructor(
    readonly leadership: Leadership,
    readonly events: PodEvents,
    readonly scheduler: SchedulerRegistry,
    readonly bus: EventBus,
  ) {}
}

/** Everything that marks a server dirty: watches, pod events, the bus, the sweep. Only the leader's queue runs. */
@Injectable()
export class FileserversTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly view: FileserverView,
    private readonly queue: FileserversQueue,
    private readonly signals: FileserverSignals,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { leadership, events, scheduler, bus } = this.signals;
    const { world, servers } = this.view;
    this.ends.push(
      servers.onChange((name) => this.queue.mark(name)),
      world.onChange((name) => this.queue.mark(name)),
      bus.on(FileServerWished, ({ server }) => this.queue.mark(server)),
      events.onEvent((event) => this.onPodEvent(event)),
      leadership.onChange(() => this.follow()),
    );
    events.watch((namespace) => namespace === world.files.namespace);
    const every = Math.min(Math.max(world.files.reconcileInterval, SHORTEST_INTERVAL), LONGEST_INTERVAL);
    scheduler.addInterval(
      SWEEP,
      setInterval(() => this.sweep(), every),
    );
    this.follow();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    for (const end of this.ends) end();
    const { scheduler } = this.signals;
    if (scheduler.doesExist('interval', SWEEP)) scheduler.deleteInterval(SWEEP);
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
      this.clock.after(LOOK_EVERY, () => this.follow());
      return;
    }
    this.queue.start();
    this.sweep();
  }

  /** Marks everything that might need work. */
  private sweep(): void {
    if (!this.signals.leadership.leading) return;
    for (const { name } of this.view.servers.list()) this.queue.mark(name);
    for (const { name } of this.view.world.places()) this.queue.mark(name);
  }

  private onPodEvent(event: PodEvent): void {
    const { world, servers, memory } = this.view;
    if (event.namespace !== world.files.namespace || !this.signals.leadership.leading) return;
    const name = world.serverOfPod(event.podName);
    const server = name === undefined ? undefined : servers.find(name);
    if (!server || server.wish.desiredState !== 'running' || currentProgress(server)?.ended) return;
    if (event.type !== 'Warning' || !TELLING.has(event.reason)) return;
    memory.of(server).remember({
      reason: 'volume_not_mounted',
      message: withoutSecrets(event.message).slice(0, 300),
      severity: 'warning',
      remedy: 'Look at the volume’s server and path in lab.volumes: the node cannot reach it',
      who: 'operator',
    });
    this.queue.mark(server.name);
  }
}

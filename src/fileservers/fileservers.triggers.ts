import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';

import { Clock } from '../common/clock.js';
import { EventBus } from '../events/index.js';
import { Leadership, PodEvents } from '../kubernetes/index.js';
import type { PodEvent } from '../kubernetes/index.js';
import { LeaderLoop } from '../reconcile/index.js';
import { currentProgress } from './fileserver.js';
import { tellingOf } from './fileserver.causes.js';
import { FileserverView } from './fileserver.view.js';
import { FileServerWished } from './fileservers.events.js';
import { FileserversQueue } from './fileservers.queue.js';

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
  private readonly loop: LeaderLoop;

  constructor(
    private readonly view: FileserverView,
    private readonly queue: FileserversQueue,
    private readonly signals: FileserverSignals,
    clock: Clock,
  ) {
    const { leadership, scheduler } = signals;
    this.loop = new LeaderLoop({
      name: 'fileservers.sweep',
      queue,
      leadership,
      scheduler,
      clock,
      sweepEvery: view.world.files.reconcileInterval,
      isSynced: () => view.synced,
      sweep: () => this.sweep(),
      onLost: () => view.memory.clear(),
    });
  }

  onApplicationBootstrap(): void {
    const { events, bus } = this.signals;
    const { world, servers } = this.view;
    this.ends.push(
      servers.onChange((name) => this.queue.add(name)),
      world.onChange((name) => this.queue.add(name)),
      bus.on(FileServerWished, ({ server }) => this.queue.add(server)),
      events.onEvent((event) => this.onPodEvent(event)),
    );
    events.watch((namespace) => namespace === world.files.namespace);
    this.loop.begin();
  }

  async onModuleDestroy(): Promise<void> {
    for (const end of this.ends) end();
    await this.loop.end();
  }

  /** Marks everything that might need work. */
  private sweep(): void {
    for (const { name } of this.view.servers.list()) this.queue.add(name);
    for (const { name } of this.view.world.places()) this.queue.add(name);
  }

  private onPodEvent(event: PodEvent): void {
    const { world, servers, memory } = this.view;
    if (event.namespace !== world.files.namespace || !this.signals.leadership.leading) return;
    const name = world.serverOfPod(event.podName);
    const server = name === undefined ? undefined : servers.find(name);
    if (!server || server.wish.desiredState !== 'running' || currentProgress(server)?.ended) return;
    const told = event.type === 'Warning' ? tellingOf(event) : undefined;
    if (!told) return;
    memory.of(server).remember(told);
    this.queue.add(server.name);
  }
}

import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import type { PodEvent } from '../kubernetes/index.js';
import { LeaderLoop } from '../reconcile/index.js';
import { ClusterSignals } from './cluster.signals.js';
import { ActorContext } from './actor.context.js';
import { currentProgress } from './lab.phase.js';
import type { Lab } from './lab.js';
import { backedOffIn, isNoise, isOfOperation, relayed } from './lab.relay.js';
import { LabView } from './lab.view.js';
import { LabWished } from './labs.events.js';
import { LabsQueue } from './labs.queue.js';
import type { StoppedRecord } from './labs.repository.js';

/** Everything that marks a lab dirty: watches, pod events, the bus, the sweep. Only the leader's queue runs. */
@Injectable()
export class LabsTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  private readonly loop: LeaderLoop;

  constructor(
    private readonly view: LabView,
    private readonly queue: LabsQueue,
    private readonly cluster: ClusterSignals,
    private readonly context: ActorContext,
  ) {
    const { leadership, scheduler } = cluster;
    this.loop = new LeaderLoop({
      name: 'labs.sweep',
      queue,
      leadership,
      scheduler,
      clock: context.clock,
      sweepEvery: context.settings.lab.reconcileInterval,
      isSynced: () => view.synced,
      sweep: () => this.sweep(),
      onLost: () => view.memory.clear(),
      onBegin: () => {
        this.relist();
        this.tellElsewhere();
      },
    });
  }

  onApplicationBootstrap(): void {
    const { labs, world } = this.view;
    const { events } = this.cluster;
    this.ends.push(
      this.view.brake.onResume(() => this.loop.sweep()),
      labs.onChange(({ value }) => this.queue.add(value.name)),
      labs.onStopped((record) => {
        if (this.isUntidy(record)) this.queue.add(record.name);
      }),
      labs.onRequest((name) => this.queue.add(name)),
      world.onLoss((name) => this.view.memory.lost(name)),
      world.onChange((name) => this.queue.add(name)),
      world.onSilence((node) => this.tellSilence(node)),
      this.context.bus.on(LabWished, ({ lab }) => this.queue.add(lab)),
      events.onEvent((event) => this.onPodEvent(event)),
      events.onGap(() => this.relist()),
    );
    events.watch((namespace) => world.namesIn(namespace).length > 0);
    this.loop.begin();
  }

  async onModuleDestroy(): Promise<void> {
    for (const end of this.ends) end();
    await this.loop.end();
  }

  /** Marks everything that might need work. */
  private sweep(): void {
    for (const lab of this.view.labs.list()) this.queue.add(lab.name);
    for (const record of this.view.labs.listStopped()) if (this.isUntidy(record)) this.queue.add(record.name);
    for (const place of this.view.world.places()) this.queue.add(place.name);
    const malformed = this.view.labs.malformed();
    if (malformed.length > 0)
      this.context.log.error('Lab resources cannot be read', { labs: malformed.join(' ') });
    this.tellSilence();
  }

  /** Somebody deleted it, or a request came when it was stopped already. */
  private isUntidy({ beingDeleted, name }: StoppedRecord): boolean {
    return beingDeleted || this.view.labs.requestsOf(name).length > 0;
  }

  /** Running labs on silent nodes, or on the one that fell silent: nothing is done about them, and nothing written. */
  private tellSilence(fallen?: string): void {
    if (!this.cluster.leadership.leading) return;
    const counts = new Map<string, number>();
    for (const { node } of this.view.unheard().values()) counts.set(node, (counts.get(node) ?? 0) + 1);
    for (const [node, labs] of counts) {
      if (fallen !== undefined && fallen !== node) continue;
      const fields = { reason: 'node_silent', node, labs };
      this.context.log.warn('a node that runs labs does not report; they are left alone', fields);
    }
  }

  /** Once a lead, so that whoever changed the prefix learns what it cost. */
  private tellElsewhere(): void {
    const namespaces = this.view.world.elsewhere();
    if (namespaces.length === 0) return;
    this.context.log.error(
      'labs of another lab.namespacePrefix are told as gone, and nobody looks after what is left of them',
      {
        expected: this.context.settings.lab.namespacePrefix,
        namespaces: namespaces.length,
        first: firstOf(namespaces),
      },
    );
  }

  private onPodEvent(event: PodEvent): void {
    const { memory } = this.view;
    memory.pulls.learn(event);
    const backedOff = backedOffIn(event);
    if (!this.cluster.leadership.leading || (isNoise(event) && backedOff === undefined)) return;
    for (const name of this.view.world.namesIn(event.namespace)) {
      const lab = this.view.labs.find(name);
      if (!lab || !isWaiting(lab) || !isOfOperation(this.view.observe(lab), event.podUid)) continue;
      if (backedOff === undefined) memory.of(lab).remember([relayed(event, memory.pulls.expectation(event))]);
      else memory.of(lab).backOff(event.podUid, backedOff);
      this.queue.add(name);
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
}

const firstOf = (namespaces: readonly string[]): string => [...namespaces].sort().slice(0, 5).join(' ');

/** A spawn that has not ended: only then is what happens to its pod part of the story. */
const isWaiting = (lab: Lab): boolean =>
  lab.wish.desiredState === 'running' && !currentProgress(lab)?.ended && !lab.beingDeleted;

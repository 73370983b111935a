import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import type { Instant } from '../common/units.js';
import { ActorContext } from './actor.context.js';
import { ClusterSignals } from './cluster.signals.js';
import { rivalEvidence, watchedFrom } from './lab.rival.policy.js';
import { LabView } from './lab.view.js';

/** Notices another controller at work on our namespaces, and stops removals that nobody asked for. */
@Injectable()
export class LabsRivals implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];
  /** Set while this process leads. */
  private since: Instant | undefined;
  private pulling = false;

  constructor(
    private readonly view: LabView,
    private readonly signals: ClusterSignals,
    private readonly context: ActorContext,
  ) {}

  onApplicationBootstrap(): void {
    this.ends.push(
      this.signals.leadership.onChange(() => this.begin()),
      this.view.brake.onResume(() => this.begin()),
      this.view.world.onChange((name) => this.look(name)),
    );
    this.begin();
  }

  onModuleDestroy(): void {
    for (const end of this.ends) end();
  }

  /** What there is by now is no evidence any more. */
  private begin(): void {
    this.since = this.signals.leadership.leading ? watchedFrom(this.context.clock.now()) : undefined;
  }

  private look(name: string): void {
    const { since, view } = this;
    if (since === undefined || this.pulling || view.brake.stop) return;
    for (const { namespace, pod } of view.world.placesOf(name)) {
      const evidence = rivalEvidence({ namespace, pod: pod?.observed }, view.labs.instance, since);
      if (evidence !== undefined) void this.pull(evidence);
    }
  }

  private async pull(evidence: string): Promise<void> {
    this.pulling = true;
    try {
      await this.view.brake.pull('another_controller_active', evidence);
    } catch (error) {
      this.context.log.error('another controller is active, but the stop was not recorded', {
        evidence,
        error,
      });
    } finally {
      this.pulling = false;
    }
  }
}

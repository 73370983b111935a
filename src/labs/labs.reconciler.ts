import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { again, againAt, settled } from '../reconcile/index.js';
import type { Outcome, Reconciler, Run } from '../reconcile/index.js';
import { LabActor } from './lab.actor.js';
import type { ActorStep, Effect } from './lab.actor.js';
import type { Decision } from './lab.decision.js';
import type { ObservedLab } from './lab.observed.js';
import { decideLab } from './lab.policy.js';
import { LabView } from './lab.view.js';
import { LabsAdoption } from './labs.adoption.js';

/** More steps than any lab needs; a run that takes more is a mistake of ours, and must not spin. */
const MOST_STEPS = 200;
/** Pause before a write is tried again that the cluster was not ready for. */
const CATCH_UP = millis(500);

/** Makes one lab converge: observe, decide, act, until nothing is left to do now. */
@Injectable()
export class LabsReconciler implements Reconciler<string> {
  constructor(
    private readonly view: LabView,
    private readonly actor: LabActor,
    private readonly adoption: LabsAdoption,
    private readonly clock: Clock,
  ) {}

  async reconcile(name: string, run: Run): Promise<Outcome> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      run.signal.throwIfAborted();
      const lab = this.view.labs.find(name);
      if (!lab) return this.adoption.reconcile(name, run);
      const seen = this.view.observe(lab);
      const decision = decideLab(seen, this.clock.now());
      if (decision.kind !== 'act') return this.rest(decision);
      const { step: next } = decision;
      if (next.do === 'adopt') return this.adoption.renew(lab, run);
      const effect = await this.act(seen, next, run);
      if (effect === 'pending') return again(CATCH_UP);
    }
    return again(CATCH_UP);
  }

  private rest(decision: Exclude<Decision, { kind: 'act' }>): Outcome {
    if (decision.kind === 'settled' || decision.until === undefined) return settled;
    return againAt(decision.until, this.clock.now());
  }

  /**
   * Another writer was first: what we saw is not so any more. One live read brings the cache up to date. If it finds
   * the record as we saw it, nobody was first, and whoever refuses so is asked ever more seldom.
   */
  private async act(seen: ObservedLab, step: ActorStep, run: Run): Promise<Effect> {
    try {
      return await this.actor.perform(seen, step, run);
    } catch (error) {
      if (!(error instanceof KubernetesError) || !error.outdated) throw error;
      const live = await this.view.labs.confirm(seen.lab.name, 'reconcile');
      if (step.do === 'record' && live?.resourceVersion === seen.lab.resourceVersion) throw error;
      return 'pending';
    }
  }
}

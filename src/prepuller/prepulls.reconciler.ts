import { Injectable } from '@nestjs/common';
import { millis } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { again, settled } from '../reconcile/index.js';
import type { Outcome, Reconciler, Run } from '../reconcile/index.js';
import { decidePrepull } from './prepull.policy.js';
import type { ObservedNode, PrepullStep, PrepullTerms } from './prepull.policy.js';
import { PrepullerContext } from './prepuller.context.js';
import { PrepullsActor } from './prepulls.actor.js';
import type { Effect } from './prepulls.actor.js';
import { PrepullsView } from './prepulls.view.js';
import { PullBounds } from './pull-bounds.js';

/** More steps than any node needs in one run; a run that takes more is a mistake of ours, and must not spin. */
const MOST_STEPS = 200;
const CATCH_UP = millis(500);
const SHORTEST_WAIT = millis(50);

/** Makes one node converge: observe, decide, act, until nothing is left to do now. Keyed by the node's name. */
@Injectable()
export class PrepullsReconciler implements Reconciler<string> {
  private readonly terms: PrepullTerms;

  constructor(
    private readonly view: PrepullsView,
    private readonly actor: PrepullsActor,
    private readonly bounds: PullBounds,
    private readonly context: PrepullerContext,
  ) {
    const { berth, images } = context.settings;
    const { firstRetry, longestRetry, perNode } = berth.prepull;
    this.terms = { firstRetry, longestRetry, perNode, pullTimeout: images.prepullTimeout };
  }

  async reconcile(node: string, run: Run): Promise<Outcome> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      run.signal.throwIfAborted();
      const seen = this.view.observe(node);
      const { step, until } = decidePrepull(seen, this.terms, this.context.clock.now());
      if (!step) {
        this.bounds.withdraw(node);
        return this.rest(seen, until);
      }
      if ((await this.act(seen, step, run)) === 'waiting') return this.rest(seen, until);
    }
    return again(CATCH_UP);
  }

  private rest({ name, pulls, uid }: ObservedNode, until: Instant | undefined): Outcome {
    if (uid === undefined && pulls.length === 0) this.view.memory.forget(name);
    return until === undefined ? settled : again(this.waitFor(until));
  }

  private waitFor(time: Instant): Millis {
    return millis(Math.max(SHORTEST_WAIT, time - this.context.clock.now()));
  }

  /** Another writer was first: what we saw is not so any more. One live read brings the cache up to date. */
  private async act(seen: ObservedNode, step: PrepullStep, run: Run): Promise<Effect> {
    try {
      return await this.actor.perform(seen, step, run);
    } catch (error) {
      if (!(error instanceof KubernetesError) || !error.outdated || step.do !== 'record') throw error;
      await this.view.pulls.refreshRecord(seen.name, run.signal);
      return 'done';
    }
  }
}

import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { again, againAt, settled } from '../reconcile/index.js';
import type { Outcome, Reconciler, Run } from '../reconcile/index.js';
import { FileserverActor } from './fileserver.actor.js';
import type { Effect } from './fileserver.actor.js';
import type { Decision } from './fileserver.decision.js';
import type { FileServer } from './fileserver.js';
import { decideServer } from './fileserver.policy.js';
import { FileserverView } from './fileserver.view.js';
import { FileserversAdoption } from './fileservers.adoption.js';

/** More steps than any server needs; a run that takes more is a mistake of ours, and must not spin. */
const MOST_STEPS = 50;
/** Pause before a write is tried again that the cluster was not ready for. */
const CATCH_UP = millis(500);

/** Makes one file server converge: observe, decide, act, until nothing is left to do now. */
@Injectable()
export class FileserversReconciler implements Reconciler<string> {
  constructor(
    private readonly view: FileserverView,
    private readonly actor: FileserverActor,
    private readonly adoption: FileserversAdoption,
    private readonly clock: Clock,
  ) {}

  async reconcile(name: string, run: Run): Promise<Outcome> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      run.signal.throwIfAborted();
      const server = this.view.servers.find(name);
      if (!server) return this.adoption.reconcile(name, run);
      const decision = decideServer(this.view.observe(server), this.clock.now());
      if (decision.kind !== 'act') return this.rest(server, decision, run);
      if ((await this.act(server, decision, run)) === 'pending') return again(CATCH_UP);
    }
    return again(CATCH_UP);
  }

  /** Behind a stopped record another controller may have been at work. */
  private rest(
    server: FileServer,
    decision: Exclude<Decision, { kind: 'act' }>,
    run: Run,
  ): Outcome | Promise<Outcome> {
    if (decision.kind === 'wait' && decision.until !== undefined) {
      return againAt(decision.until, this.clock.now());
    }
    const isStopped = decision.kind === 'settled' && server.wish.desiredState === 'stopped';
    return isStopped ? this.adoption.reconcile(server.name, run) : settled;
  }

  /** Another writer was first: what we saw is not so any more. One live read brings the cache up to date. */
  private async act(
    server: FileServer,
    { step }: Extract<Decision, { kind: 'act' }>,
    run: Run,
  ): Promise<Effect> {
    try {
      return await this.actor.perform(server, step, run);
    } catch (error) {
      if (!(error instanceof KubernetesError) || !error.outdated) throw error;
      await this.view.servers.confirm(server.name, 'reconcile');
      return 'pending';
    }
  }
}

import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import { millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { ActorContext } from './actor.context.js';
import { isCause } from './lab-announcement.builder.js';
import type { Lab } from './lab.js';
import { storyOf } from './lab.ledger.js';
import { labName } from './lab.names.js';
import { currentProgress, phaseOf } from './lab.phase.js';
import { LabView } from './lab.view.js';
import { DeleteFailed, UnknownUser } from './labs.errors.js';
import { LabWished } from './labs.events.js';
import { LabsReadiness } from './labs.readiness.js';

const TRIES = 5;
/** Only for what no watch tells. */
const LOOK_EVERY = millis(1000);

/** Stops labs, and answers when they are gone. */
@Injectable()
export class LabRemoveService {
  constructor(
    private readonly view: LabView,
    private readonly readiness: LabsReadiness,
    private readonly context: ActorContext,
  ) {}

  /** @throws {UnknownUser} @throws {DeleteFailed} */
  async remove(username: string): Promise<void> {
    const name = labName(username);
    const until = this.context.clock.monotonic() + this.context.settings.lab.deleteTimeout;
    await this.readiness.hold(name);
    const stopping = await this.wish(name, username);
    this.context.bus.publish(new LabWished(name));
    const isOver = (): boolean => this.isOver(name, stopping);
    while (!isOver()) {
      const left = until - this.context.clock.monotonic();
      if (left <= 0) throw this.outOfTime(stopping);
      await this.changed(name, millis(Math.min(left, LOOK_EVERY)));
    }
  }

  /** Makes sure that the lab is wished to stop; the lab as of then. Joins a stop under way. */
  private async wish(name: string, username: string): Promise<Lab> {
    const operation = { id: newOperationId(), at: this.context.clock.now() };
    let lab = this.view.labs.find(name);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      // Only a lab that surely lives is stopped without asking; any end, absence included, is confirmed.
      const certain = lab?.wish.desiredState === 'running' ? lab : await this.readiness.confirmed(name);
      if (!certain || isOver(certain, operation.id)) throw new UnknownUser(username);
      if (certain.wish.desiredState === 'stopped' || certain.beingDeleted) return certain;
      // Only that read may have told of an adoption under way.
      await this.readiness.hold(name);
      const stopped = await this.stop(certain, operation);
      if (stopped) return stopped;
      lab = undefined;
    }
    throw this.notStopped(name, username);
  }

  private async stop(lab: Lab, operation: Parameters<LabView['labs']['stop']>[1]): Promise<Lab | undefined> {
    try {
      return await this.view.labs.stop(lab, operation, 'interactive');
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.outdated || error.unanswered) return undefined;
      throw this.notStopped(lab.name, lab.wish.owner.username, error);
    }
  }

  /**
   * Operators are told why; the caller only that it failed (contract 12.1). The story of a stop leaves out what was refused
   * on its way, which only the leader remembers.
   */
  private outOfTime(stopping: Lab): DeleteFailed {
    const { name, wish } = stopping;
    const user = wish.owner.username;
    const lab = this.view.labs.find(name) ?? stopping;
    const story = storyOf(lab);
    const why = story.findLast(isCause) ?? this.view.memory.recall(lab).details.at(-1) ?? story.at(-1);
    const facts = { reason: why?.reason, cause: why?.message, evidence: why?.evidence };
    this.context.log.error('lab could not be removed in time', { lab: name, user, ...facts });
    return new DeleteFailed(user);
  }

  private notStopped(name: string, user: string, error?: unknown): DeleteFailed {
    this.context.log.error('wish to stop a lab was not recorded', { lab: name, user, error });
    return new DeleteFailed(user, error);
  }

  /** Stopped, forgotten, or already somebody's next lab. */
  private isOver(name: string, stopping: Lab): boolean {
    const lab = this.view.labs.find(name);
    if (lab?.uid !== stopping.uid) return true;
    const sameStop = lab.wish.desiredState === 'stopped' || lab.beingDeleted;
    if (!sameStop) return isNewer(lab, stopping);
    return !lab.beingDeleted && currentProgress(lab)?.ended === 'succeeded' && phaseOf(lab) === 'stopped';
  }

  private async changed(name: string, within: ReturnType<typeof millis>): Promise<void> {
    const woken = new AbortController();
    const end = this.view.labs.onChange(({ value }) => {
      if (value.name === name) woken.abort();
    });
    await this.context.clock.sleep(within, woken.signal);
    end();
  }
}

/** Stopped, but not by this very operation, whose write may have been applied and its answer lost. */
const isOver = (lab: Lab, operation: string): boolean =>
  phaseOf(lab) === 'stopped' && lab.wish.operation.id !== operation;

/** The cache may still lag behind our own write of the stop. */
function isNewer(seen: Lab, stopping: Lab): boolean {
  const [a, b] = [seen.resourceVersion, stopping.resourceVersion];
  return a.length === b.length ? a > b : a.length > b.length;
}

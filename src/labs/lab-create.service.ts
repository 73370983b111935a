import { Injectable } from '@nestjs/common';

import { Places } from '../common/places.js';
import { seconds } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { ActorContext } from './actor.context.js';
import { LabRequestCheck } from './lab-request.check.js';
import type { Lab, LabWish } from './lab.js';
import { labName } from './lab.names.js';
import { phaseOf } from './lab.phase.js';
import { LabView } from './lab.view.js';
import type { CreateLab } from './lab.views.js';
import { LabExists, LabsNotReady, OperationInProgress } from './labs.errors.js';
import { LabWished } from './labs.events.js';
import { LabsReadiness } from './labs.readiness.js';

/** Others may write between our reading and our writing, but not so often. */
const TRIES = 5;
/** As many as there is patience for; then the Lab fails without its request. */
const ATTACH_TRIES = 2;
const ERASED_WITHIN = seconds(45);
/**
 * Accepted at the same time: half as many as there are connections to the API server. A crowd beyond it waits before its
 * first write, for as long as it takes: were all records written first, the requests would come too late for them.
 */
const AT_A_TIME = 16;

interface Caller {
  readonly request: CreateLab;
  /** False when the caller has gone. */
  readonly isAwaited: () => boolean;
}

/** Accepts spawns: one write settles every race between replicas (design section 5, step 1). */
@Injectable()
export class LabCreateService {
  private readonly places = new Places(AT_A_TIME);

  constructor(
    private readonly view: LabView,
    private readonly readiness: LabsReadiness,
    private readonly check: LabRequestCheck,
    private readonly context: ActorContext,
  ) {}

  /** Nothing is written any more once `isAwaited` answers no: a caller who gave up has found no lab to remove. */
  async create(
    request: CreateLab,
    isAwaited: () => boolean = () => true,
  ): Promise<{ readonly operationId: string }> {
    const wish = await this.check.wishOf(request);
    const name = labName(wish.owner.username, wish.labName);
    await this.readiness.hold(name);
    await this.accept(name, wish, { request, isAwaited });
    this.context.bus.publish(new LabWished(name));
    this.context.log.info('spawn accepted', { lab: name, operation: wish.operation.id, size: wish.size });
    return { operationId: wish.operation.id };
  }

  private async accept(name: string, wish: LabWish, caller: Caller): Promise<void> {
    let isThere = this.view.labs.find(name) !== undefined || this.view.labs.findStopped(name) !== undefined;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const found = await this.places.take(() => this.tryOnce(name, wish, isThere, caller));
      if (found === 'accepted') return;
      isThere = found !== undefined;
      if (found && isFormer(found, wish)) await this.erase(found);
    }
    // What is really in the way was told above: a Hub removes the lab of which it hears that an operation is on.
    throw new LabsNotReady('not_recorded');
  }

  /** Unless it is accepted, answers what is in its way, if that is still there. */
  private async tryOnce(
    name: string,
    wish: LabWish,
    isThere: boolean,
    { request, isAwaited }: Caller,
  ): Promise<'accepted' | Lab | undefined> {
    if (!isAwaited()) throw new LabsNotReady('caller_gone');
    const created = isThere
      ? undefined
      : await orConflict(() => this.view.labs.create(name, this.asOfNow(wish)));
    const live = created ?? (await this.confirmed(name));
    const recorded = live && (await this.over(live, this.asOfNow(wish)));
    if (!recorded) return live;
    await this.attach(recorded, request);
    return 'accepted';
  }

  /** An API server that was silent for as long as one caller is held is silent for all who wait behind it. */
  private async confirmed(name: string): Promise<Lab | undefined> {
    try {
      return await this.readiness.confirmed(name);
    } catch (error) {
      if (error instanceof LabsNotReady) this.places.refuse(error);
      throw error;
    }
  }

  /** It is accepted when it is written; caches, confirmations and lost answers may have taken long before. */
  private asOfNow(wish: LabWish): LabWish {
    return { ...wish, operation: { ...wish.operation, acceptedAt: this.context.clock.now() } };
  }

  /** Records the wish over what is there, if that is over; undefined if it changed meanwhile. */
  private async over(live: Lab, wish: LabWish): Promise<Lab | undefined> {
    // Our own write was applied, and its answer lost.
    if (live.wish.operation.id === wish.operation.id) return live;
    if (isFormer(live, wish)) return undefined;
    switch (phaseOf(live)) {
      case 'running':
        throw new LabExists(wish.owner.username);
      case 'pending':
      case 'terminating':
        throw new OperationInProgress(wish.owner.username);
      default:
        return orConflict(() => this.view.labs.respawn(live, wish));
    }
  }

  /** The record belongs to somebody who had the name before: stopped, erased, and only then is there room. */
  private async erase(lab: Lab): Promise<void> {
    await this.view.labs.erase(lab.name, { uid: lab.uid });
    const { clock } = this.context;
    const until = clock.monotonic() + ERASED_WITHIN;
    while ((await this.readiness.confirmed(lab.name))?.uid === lab.uid) {
      if (clock.monotonic() >= until) throw new LabsNotReady('former_owner');
      await clock.sleep(seconds(1));
    }
  }

  /** Its name follows from lab and operation, so that a repeat finds its own. */
  private async attach(lab: Lab, { env, token }: CreateLab): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.view.labs.createRequest(lab, lab.wish.operation.id, { env, token });
        return;
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        this.context.log.error('request of a spawn was not recorded', { lab: lab.name, attempt, error });
        if (error.verdict !== 'retry' || attempt === ATTACH_TRIES)
          throw new LabsNotReady('request_not_recorded');
      }
    }
  }
}

/** It is somebody's who had the name before. */
const isFormer = (lab: Lab, { owner }: LabWish): boolean => lab.wish.owner.uid !== owner.uid;

/** Undefined if somebody else's write came first, or if ours may have been applied without an answer. */
async function orConflict(write: () => Promise<Lab>): Promise<Lab | undefined> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.outdated || error.unanswered) return undefined;
    throw error.verdict === 'retry' ? new LabsNotReady('cluster_unavailable') : error;
  }
}

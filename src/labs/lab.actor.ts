import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import type { Log } from '../common/logger.js';
import { later } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import type { Run } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import type { Creation } from './lab-objects.creator.js';
import { BETWEEN_LOOKS, BETWEEN_TRIES } from './lab.network.policy.js';
import type { StatusRecord, Step } from './lab.decision.js';
import { isCause, isEnd } from './lab-announcement.builder.js';
import type { Lab, LedgerEntry } from './lab.js';
import type { NetworkKind, ObservedLab } from './lab.observed.js';
import { CAUSES } from './lab.spawn.words.js';
import { notRemoved } from './causes/index.js';
import { spawnEndFields, spawnEndOf } from './lab.spawn-end.js';
import { LabView } from './lab.view.js';
import { LabWriters } from './lab.writers.js';
import { StaleCache } from './labs.errors.js';
import { LabFailed, LabHindered, LabStarted, LabStopped, SpawnEnded } from './labs.events.js';
import { buildNetworkObjects } from './objects/index.js';

/** Ends that only the absence of something proves: a cache that listed nothing must not end a lab that lives. */
const GONE: ReadonlySet<string> = new Set(['namespace_gone', 'pod_gone', 'pod_missing']);

/** What a step left: go on deciding, or let the cluster catch up first. */
export type Effect = 'done' | 'pending';

/** All steps but an adoption, which reads what it takes over. */
export type ActorStep = Exclude<Step, { do: 'adopt' }>;

/** Carries out decisions about one lab, one write a step. */
@Injectable()
export class LabActor {
  constructor(
    private readonly view: LabView,
    private readonly writers: LabWriters,
    private readonly context: ActorContext,
  ) {}

  /** @throws {KubernetesError} */
  async perform(seen: ObservedLab, step: ActorStep, run: Run): Promise<Effect> {
    const { lab } = seen;
    switch (step.do) {
      case 'create_object':
        return this.createObject(lab, run);
      case 'record':
        return this.record(seen, step.record, run);
      case 'delete_request':
        await this.view.labs.deleteRequest(step.name, step.uid, run.signal);
        return 'done';
      case 'delete_pod':
      case 'delete_namespace':
        return this.remove(seen, step, run);
      case 'mark_namespace':
        await this.writers.cluster.mark(seen, step.uid, run.signal);
        return 'done';
      case 'restore_network':
        return this.restore(lab, step.kind, run);
      default:
        return this.turn(lab, step, run);
    }
  }

  /** Steps that change what the lab is wished to be, or how it is filed. */
  private async turn(
    lab: Lab,
    step: Extract<Step, { do: 'begin_stop' | 'label_stopped' | 'forget' }>,
    run: Run,
  ): Promise<Effect> {
    switch (step.do) {
      case 'begin_stop':
        if (step.counted && !(await this.mayRemove(lab, run))) return 'done';
        await this.view.labs.stop(lab, { id: newOperationId(), at: this.context.clock.now() }, 'reconcile');
        return 'done';
      case 'label_stopped':
        await this.view.labs.labelStopped(lab, run.signal);
        this.view.memory.forget(lab.name);
        return 'done';
      case 'forget':
        await this.view.labs.forget(lab, run.signal);
        this.view.memory.forget(lab.name);
        return 'pending';
    }
  }

  private mayRemove({ uid, wish }: Lab, { signal }: Run): Promise<boolean> {
    return this.view.brake.permits(`${uid}/${wish.operation.id}`, this.view.total, signal);
  }

  private async createObject(lab: Lab, run: Run): Promise<Effect> {
    const memory = this.view.memory.of(lab);
    const creation: Creation = await this.writers.creator.createNext(lab, memory, run.signal);
    switch (creation.kind) {
      case 'created':
        // What is left are words: the next in the queue need not wait for them.
        if (memory.allCreated) run.leavePlace();
        return 'done';
      case 'stale':
        memory.forgetObjects();
        return 'pending';
      case 'waiting':
        memory.remember([creation.telling]);
        return 'pending';
      case 'refused':
        memory.refuse(creation.telling, this.context.clock.now());
        return 'done';
    }
  }

  /** Not told in the lab's story, which is closed; a refusal is tried again later and costs nobody the lab. */
  private async restore(lab: Lab, kind: NetworkKind, run: Run): Promise<Effect> {
    const { clock, settings } = this.context;
    const memory = this.view.memory.of(lab);
    memory.restoring(kind, later(clock.now(), BETWEEN_TRIES));
    const object = buildNetworkObjects({ lab, settings }).find((one) => one.kind.kind === kind);
    const made = object && (await this.writers.cluster.create(object, run.signal));
    if (made === false) memory.inTheWay(kind, later(clock.now(), BETWEEN_LOOKS));
    if (made) run.log.warn('deleted by somebody and made again', { lab: lab.name, kind });
    return 'done';
  }

  private async remove(
    seen: ObservedLab,
    step: Extract<Step, { do: 'delete_pod' | 'delete_namespace' }>,
    run: Run,
  ): Promise<Effect> {
    const { cluster } = this.writers;
    const memory = this.view.memory.of(seen.lab);
    const now = this.context.clock.now();
    try {
      if (step.do === 'delete_pod') await cluster.deletePod(seen, step, run.signal);
      else await cluster.deleteNamespace(seen, step.uid, run.signal);
    } catch (error) {
      // Tried again, in vain so far; whoever waits for a place should know for whom.
      if (error instanceof KubernetesError && !error.outdated && error.status > 0)
        memory.remember([notRemoved(error)]);
      throw error;
    }
    const isForced = step.do === 'delete_pod' && step.graceSeconds === 0;
    memory.deleting(isForced ? `${step.uid}/forced` : step.uid, now);
    // It may have stood where a pod of this operation belongs, and have been taken for it.
    if (step.do === 'delete_pod') memory.forgetObjects();
    return 'done';
  }

  private async record(seen: ObservedLab, record: StatusRecord, run: Run): Promise<Effect> {
    const { lab } = seen;
    if (await this.isUnheard(seen, record, run)) return 'done';
    if (await this.isContradicted(lab, record.failure?.reason, run)) throw new StaleCache(lab.name);
    const { written, added } = await this.writers.recorder.write(seen, record, run);
    const isStage = record.ended !== undefined || record.objectsCreated === true;
    this.view.memory.of(lab).wrote(this.context.clock.now(), !isStage);
    told(lab, record, run.log);
    this.announce(written, { record, added }, run.log);
    const isNews = written.record.failure?.reason !== lab.record.failure?.reason;
    if (isNews && added.length === 0) this.announceMishap(written, run.log);
    return 'done';
  }

  /** Whether a live read finds what our caches have not heard of; it enters them, and is decided upon anew. */
  private async isUnheard(seen: ObservedLab, { phase }: StatusRecord, { signal }: Run): Promise<boolean> {
    const { cluster } = this.writers;
    // Time may have run out while nothing was heard: whoever is told of an end removes the lab.
    if (phase === 'failed') return cluster.isBehind(seen, signal);
    // Whoever made the lab may have led before us; what we saw going is gone.
    const isUnseen = phase === 'stopped' && !seen.namespace && !seen.remembered.sawGoing;
    return isUnseen && cluster.isLeft(seen.lab, signal);
  }

  /** Whether a live read finds what, by our caches, is missing. */
  private async isContradicted(lab: Lab, reason: string | undefined, { signal }: Run): Promise<boolean> {
    if (reason === undefined) return false;
    if (GONE.has(reason)) return this.writers.cluster.isPresent(lab, signal);
    return reason === CAUSES.requestIncomplete.reason && this.writers.cluster.isRequested(lab, signal);
  }

  private announce(
    lab: Lab,
    { record, added }: { readonly record: StatusRecord; readonly added: readonly LedgerEntry[] },
    log: Log,
  ): void {
    const event = eventOf(lab, record);
    if (event) this.context.bus.publish(event);
    const spawn = spawnEndOf(lab, record, this.context.clock.now());
    if (spawn) {
      this.context.bus.publish(new SpawnEnded(spawn));
      log.info('spawn ended', spawnEndFields(spawn, lab));
    }
    for (const reason of hindrances(record, added))
      this.context.bus.publish(new LabHindered(lab.name, reason));
    if (lab.wish.operation.kind === 'stop') return;
    const memory = this.view.memory.of(lab);
    for (const entry of added) {
      if (isEnd(entry) || (isCause(entry) && memory.mayAnnounceCause()))
        void this.writers.cluster.announce(lab, entry, log);
    }
  }

  /** A life whose story is closed has no entry to announce. */
  private announceMishap(lab: Lab, log: Log): void {
    const mayTell = lab.wish.operation.kind !== 'stop' && lab.record.failure !== null;
    if (mayTell && this.view.memory.of(lab).mayAnnounceCause())
      void this.writers.cluster.announceMishap(lab, log);
  }
}

function eventOf(lab: Lab, record: StatusRecord): LabFailed | LabStarted | LabStopped | undefined {
  const { id } = lab.wish.operation;
  if (record.phase === 'failed') return new LabFailed(lab.name, id, record.failure?.reason ?? '');
  if (record.phase === 'stopped') return new LabStopped(lab.name, id);
  return record.ended === 'succeeded' ? new LabStarted(lab.name, id) : undefined;
}

/** Causes in the story, and those of a life whose story is closed. */
function hindrances(record: StatusRecord, added: readonly LedgerEntry[]): readonly string[] {
  const told = added.filter(isCause).map(({ reason }) => reason);
  const { failure } = record;
  return failure && !told.includes(failure.reason) ? [...told, failure.reason] : told;
}

/** What an operator can lift is told to operators. */
function told(lab: Lab, record: StatusRecord, log: Log): void {
  const { failure, phase } = record;
  const fields = {
    lab: lab.name,
    user: lab.wish.owner.username,
    operation: lab.wish.operation.id,
    phase,
    reason: failure?.reason ?? record.tellings.at(-1)?.reason ?? record.lifeEnd,
  };
  if (phase === 'failed' && failure?.who === 'operator')
    log.error('lab failed', { ...fields, cause: failure.cause });
  else log.info('lab recorded', fields);
}

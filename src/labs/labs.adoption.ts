import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import type { LogFields } from '../common/logger.js';
import { recordable } from '../common/owner-limits.js';
import { millis, seconds } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { again, settled } from '../reconcile/index.js';
import type { Outcome, Run } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import { LabCluster } from './lab-cluster.js';
import type { UserPlace } from './lab-world.repository.js';
import { decideOrphan, isBeingAdopted, isOutlived } from './lab.adoption.policy.js';
import type { OrphanDecision } from './lab.adoption.policy.js';
import type { Lab, LabImage, LabWish } from './lab.js';
import { isOursToForget } from './lab.marks.js';
import type { ObservedRequest } from './lab.observed.js';
import { laneOf } from './lab.queue.js';
import { LabView } from './lab.view.js';
import type { StoppedRecord } from './labs.repository.js';
import { rebuildLab } from './objects/index.js';
import type { Rebuilding, RebuiltLab } from './objects/index.js';

/** What the API server says of the record itself; other refusals, as while its definition goes, are of the moment. */
const UNPROCESSABLE = 422;
/** For what a watch tells of in most cases. */
const SOON = seconds(1);

/** Looks after what exists without a lab that lives: adopts what runs, forgets what was deleted, removes our own remains. */
@Injectable()
export class LabsAdoption {
  /** Namespaces in which something is missing that an adoption needs, or whose record is refused, by their uid. */
  private readonly malformed = new Set<string>();

  constructor(
    private readonly view: LabView,
    private readonly cluster: LabCluster,
    private readonly context: ActorContext,
  ) {}

  /**
   * Names of labs that run, or ended, without a record, from this replica's own caches; without those that were found to be
   * malformed, which wait for somebody who mends them.
   */
  pending(): readonly string[] {
    return this.view.world
      .places()
      .flatMap((place) =>
        this.isPendingFor(place.name) && !this.malformed.has(place.namespace.uid) ? [place.name] : [],
      );
  }

  isPendingFor(name: string): boolean {
    const lab = this.view.labs.find(name);
    if (lab) {
      const stand = this.view.world.standOf(lab);
      return isBeingAdopted(stand) || isOutlived(stand);
    }
    return this.view.world.placesOf(name).some((place) => this.decide(place).kind === 'adopt');
  }

  /** @throws {KubernetesError} */
  async reconcile(name: string, run: Run): Promise<Outcome> {
    const record = this.view.labs.findStopped(name);
    if (record) await this.tidy(record, run);
    for (const place of this.view.world.placesOf(name)) {
      const outcome = await this.act(place, this.decide(place), run);
      if (outcome.kind === 'again') return outcome;
    }
    return settled;
  }

  /** Lets go of a record that somebody deleted, and removes requests that were written when their spawn was stopped already. */
  private async tidy(record: StoppedRecord, run: Run): Promise<void> {
    const { labs } = this.view;
    if (record.beingDeleted && isOursToForget(record)) await labs.forget(record, run.signal);
    const requests = labs.requestsOf(record.name);
    const live = requests.length > 0 ? await labs.confirm(record.name, 'reconcile') : undefined;
    if (!live) return;
    // A request is written after its Lab: what is of another operation than the live one's is of an earlier one.
    const isNeeded = ({ labUid, operation }: ObservedRequest): boolean =>
      labUid === live.uid && operation === live.wish.operation.id;
    for (const request of requests)
      if (!isNeeded(request)) await labs.deleteRequest(request.name, request.uid, run.signal);
  }

  /** Adopts what lives in the place of a lab of before, under the same record. @throws {KubernetesError} */
  async renew(lab: Lab, run: Run): Promise<Outcome> {
    const place = this.view.world.placesOf(lab.name).find(({ pod }) => pod !== undefined);
    if (!place) return settled;
    // Our cache may lag behind the marks of another leader, or behind our own.
    const marks = await this.cluster.marksOf(place.namespace.name, run.signal);
    return marks && marks.instance === undefined ? this.adopt(place, run, lab) : again(SOON);
  }

  private decide(place: UserPlace): OrphanDecision {
    const terms = { instance: this.view.labs.instance, spawnTimeout: this.view.world.terms.spawnTimeout };
    const orphan = { namespace: place.namespace, pod: place.pod?.observed };
    return decideOrphan(orphan, terms, this.context.clock.now());
  }

  private async act(place: UserPlace, decision: OrphanDecision, run: Run): Promise<Outcome> {
    switch (decision.kind) {
      case 'leave':
        return decision.until === undefined
          ? settled
          : again(millis(decision.until - this.context.clock.now()));
      case 'remove':
        return this.remove(place, run);
      case 'adopt':
        return this.adopt(place, run);
    }
  }

  /** Ours, without a live pod, old enough, and nobody's: then, and only then, it goes unasked. */
  private async remove(place: UserPlace, run: Run): Promise<Outcome> {
    const { namespace, name } = place;
    const live = await this.view.labs.confirm(name, 'reconcile');
    const isDenied = live?.uid !== namespace.labUid || this.view.labs.findStopped(name) !== undefined;
    if (!isDenied) return again(this.context.settings.lab.reconcileInterval);
    if (!(await this.view.brake.permits(namespace.uid, this.view.total, run.signal))) return settled;
    run.log.warn('remains without a record removed', { namespace: namespace.name });
    await this.cluster.deleteNamespace({ namespace }, namespace.uid, run.signal);
    return settled;
  }

  private async adopt(place: UserPlace, run: Run, outlived?: Lab): Promise<Outcome> {
    const rebuilding = await this.rebuild(place, run);
    if (rebuilding.kind === 'malformed') return this.leaveAlone(place, { missing: rebuilding.missing }, run);
    const wish = this.wishOf(place, rebuilding.lab);
    try {
      if (!(await this.write(place.name, wish, outlived))) return again(SOON);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== UNPROCESSABLE) throw error;
      return this.leaveAlone(place, { refused: error.apiMessage }, run);
    }
    this.malformed.delete(place.namespace.uid);
    run.log.info('lab adopted', { lab: place.name, operation: wish.operation.id });
    return again(millis(0));
  }

  /** Until somebody mends what it lacks, or what refuses its record. */
  private leaveAlone({ namespace }: UserPlace, why: LogFields, run: Run): Outcome {
    const fields = { namespace: namespace.name, ...why };
    run.log.error('lab without record cannot be adopted and is left alone', fields);
    this.malformed.add(namespace.uid);
    return again(this.context.settings.lab.reconcileInterval);
  }

  /** False while there is no room: a record that goes, or one of somebody who had the name before, whose past is nobody else's. */
  private async write(name: string, wish: LabWish, outlived: Lab | undefined): Promise<boolean> {
    const { labs } = this.view;
    const before = outlived ?? (labs.findStopped(name) && (await labs.confirm(name, 'reconcile')));
    if (!before) {
      await labs.create(name, wish, 'reconcile');
      return true;
    }
    if (before !== outlived && (before.beingDeleted || before.wish.desiredState === 'running')) return false;
    if (before.wish.owner.uid !== wish.owner.uid) {
      await labs.erase(name, { uid: before.uid });
      return false;
    }
    await labs.respawn(before, wish, 'reconcile');
    return true;
  }

  private async rebuild(place: UserPlace, run: Run): Promise<Rebuilding> {
    const { settings } = this.context;
    const remains = await this.cluster.remainsOf(place, settings.lab.namespacePrefix, run.signal);
    return rebuildLab({ ...remains, username: place.key.username, pod: place.pod?.pod }, settings);
  }

  private wishOf({ key }: UserPlace, rebuilt: RebuiltLab): LabWish {
    return {
      owner: recordable(rebuilt.owner),
      labName: key.labName,
      desiredState: 'running',
      operation: { id: newOperationId(), kind: 'adopt', acceptedAt: this.context.clock.now() },
      image: imageOf(rebuilt),
      size: rebuilt.size,
      resources: rebuilt.resources,
      options: rebuilt.options,
      quota: rebuilt.quota,
      servicePrefix: rebuilt.servicePrefix,
      lane: laneOf(rebuilt.owner.groups, this.context.settings.berth.queue.lanes),
    };
  }
}

/** `registry/repository:tag@digest` taken apart; a part that is missing is empty. */
function imageOf({ image, displayName }: RebuiltLab): LabImage {
  const [name = '', digest = ''] = image.split('@');
  const tag = /:([^:/]+)$/.exec(name)?.[1] ?? '';
  return { reference: image, tag, digest, displayName };
}

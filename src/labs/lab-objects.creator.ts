import { Injectable } from '@nestjs/common';

import { DeadlineExceeded } from '../common/deadline.js';
import {
  CONFIG_MAPS,
  KubernetesError,
  NAMESPACES,
  PODS,
  SECRETS,
  SERVICE_ACCOUNTS,
} from '../kubernetes/index.js';
import type { ResourceKind } from '../kubernetes/index.js';
import type { Lab } from './lab.js';
import type { Telling } from './lab.ledger.js';
import { fatal, fleetingHome, notYet, refused } from './causes/index.js';
import { HomeNotice } from './home-notice.js';
import { OperationMemory } from './labs.memory.js';
import { LabBlueprint } from './lab.blueprint.js';
import { LabCluster } from './lab-cluster.js';
import { CAUSES, TOLD } from './lab.spawn.words.js';
import { LabView } from './lab.view.js';
import { isLabPod, whoseIs } from './stranger-pod.mapper.js';
import { MalformedRequestSecret, MissingSecret } from './objects/index.js';
import type { LabObject } from './objects/index.js';

/** How an attempt to create one object ended. */
export type Creation =
  | { readonly kind: 'created' }
  /** What the cache said is not so; look again. */
  | { readonly kind: 'stale' }
  /** The cluster is on its way; try again. */
  | { readonly kind: 'waiting'; readonly telling: Telling }
  /** Trying again cannot help. */
  | { readonly kind: 'refused'; readonly telling: Telling };

interface Attempt {
  readonly memory: OperationMemory;
  readonly signal: AbortSignal;
}

const CREATED: Creation = { kind: 'created' };
const STALE: Creation = { kind: 'stale' };

/**
 * Creates a lab's objects blindly: the namespace, then all that the pod needs at once, then the service account unless the
 * cluster has made it by then, then the pod (ADR 14, ADR 17).
 */
@Injectable()
export class LabObjectsCreator {
  constructor(
    private readonly view: LabView,
    private readonly cluster: LabCluster,
    private readonly blueprint: LabBlueprint,
    private readonly home: HomeNotice,
  ) {}

  /**
   * Creates those that come next of the objects that `memory` does not know to exist. How the first that failed ended, in
   * the order of contract 5.2, is how the attempt ended; the others stay made.
   * @throws {KubernetesError} whose verdict is `retry`
   */
  async createNext(lab: Lab, memory: OperationMemory, signal: AbortSignal): Promise<Creation> {
    try {
      if (!memory.objects && this.home.sentence !== undefined)
        memory.remember([fleetingHome(this.home.sentence)]);
      memory.objects ??= await this.blueprint.drawn(lab);
      const next = nextOf(memory.objects.filter((object) => !memory.made.has(object)));
      const attempts = await Promise.allSettled(next.map((one) => this.make(one, lab, { memory, signal })));
      const failed = attempts.find((one) => one.status === 'rejected' || one.value.kind !== 'created');
      if (failed?.status === 'rejected') throw failed.reason;
      return failed?.value ?? CREATED;
    } catch (error) {
      if (isForSomebody(error)) memory.remember([notYet(error)]);
      return judged(error);
    }
  }

  private async make(object: LabObject, lab: Lab, attempt: Attempt): Promise<Creation> {
    const creation = await this.create(object, lab, attempt);
    if (creation.kind === 'created') attempt.memory.made.add(object);
    return creation;
  }

  private async create(next: LabObject, lab: Lab, { memory, signal }: Attempt): Promise<Creation> {
    const { kind, ref } = next;
    if (await this.isMade(next, signal)) return CREATED;
    if (kind === NAMESPACES) return this.judgeNamespace(ref.name, lab, signal);
    if (kind === PODS) return this.judgePod(ref.namespace ?? '', ref.name, signal);
    // In a namespace of ours an object that exists is ours, unless a late write of an earlier operation made it.
    // Secrets and ConfigMaps are immutable and can't be read: those of other operations go, then it is tried once more.
    const mayBeAnothers = (kind === SECRETS || kind === CONFIG_MAPS) && !memory.cleared.has(kind.kind);
    if (!mayBeAnothers) return CREATED;
    await this.cluster.clear(kind, ref.namespace ?? '', lab.wish.operation.id, signal);
    memory.cleared.add(kind.kind);
    await this.cluster.create(next, signal);
    return CREATED;
  }

  /** By us, or, moments after the namespace, its service account by the cluster: to ask costs both less than to come second. */
  private async isMade(object: LabObject, signal: AbortSignal): Promise<boolean> {
    if (object.kind === SERVICE_ACCOUNTS && (await this.cluster.isThere(object, signal))) return true;
    return this.cluster.create(object, signal);
  }

  /** A namespace of that name exists: ours, going, or somebody else's. */
  private async judgeNamespace(name: string, lab: Lab, signal: AbortSignal): Promise<Creation> {
    const marks = await this.cluster.marksOf(name, signal);
    if (!marks) return { kind: 'waiting', telling: TOLD.namespaceTerminating };
    const isOurs = marks.instance === this.view.labs.instance;
    if (isOurs)
      return marks.labUid === lab.uid && marks.operation === lab.wish.operation.id ? CREATED : STALE;
    return { kind: 'refused', telling: CAUSES.namespaceTaken(name) };
  }

  /** A pod of that name exists: ours, which we were not told, one of an earlier operation, which goes, or a stranger's. */
  private async judgePod(namespace: string, name: string, signal: AbortSignal): Promise<Creation> {
    const pod = await this.cluster.podAt(namespace, name, signal);
    if (!pod) return STALE;
    if (isLabPod(pod)) return CREATED;
    return { kind: 'refused', telling: CAUSES.podTaken(`${namespace}/${name}`, whoseIs(pod)) };
  }
}

/** What waits for others: all that lies in it for the namespace, the pod for all that it needs. */
const STAGES: ReadonlyMap<ResourceKind, number> = new Map<ResourceKind, number>([
  [NAMESPACES, 0],
  [SERVICE_ACCOUNTS, 2],
  [PODS, 3],
]);
const stageOf = ({ kind }: LabObject): number => STAGES.get(kind) ?? 1;

/** Of what is left to be made, what can be made now. */
function nextOf(left: readonly LabObject[]): readonly LabObject[] {
  const stage = Math.min(...left.map(stageOf));
  return left.filter((object) => stageOf(object) === stage);
}

/** What a failed request means for the spawn. Rethrows what is worth another try. */
function judged(error: unknown): Creation {
  if (error instanceof MissingSecret || error instanceof MalformedRequestSecret)
    return { kind: 'refused', telling: fatal(error.code, error.message) };
  if (!(error instanceof KubernetesError) || error.verdict === 'retry') throw error;
  if (error.verdict === 'wait')
    return { kind: 'waiting', telling: isGoing(error) ? TOLD.namespaceTerminating : notYet(error) };
  if (error.verdict === 'cause' || error.verdict === 'permanent')
    return { kind: 'refused', telling: refused(error) };
  return STALE;
}

const isGoing = (error: KubernetesError): boolean =>
  error.causes.some((cause) => cause.reason === 'NamespaceTerminating');

/** Tried again and again by itself, in vain so far; whoever waits should know for whom. */
const isForSomebody = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError && error.verdict === 'retry' && (error.status > 0 || isSilent(error));

/** Time ran out after the request was sent, not while it waited for its turn here. */
const isSilent = ({ cause, unanswered }: KubernetesError): boolean =>
  unanswered && cause instanceof DeadlineExceeded;

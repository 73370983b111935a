import { Injectable } from '@nestjs/common';

import { ADMISSION_DEADLINE } from '../common/deadline.js';
import { seconds } from '../common/units.js';
import { Log } from '../common/logger.js';
import {
  CONFIG_MAPS,
  KubeReader,
  KubeWriter,
  KubernetesError,
  NAMESPACES,
  OBJECT_EVENTS,
  PODS,
  RESOURCE_QUOTAS,
  SECRETS,
} from '../kubernetes/index.js';
import type { CallOptions, JsonPatchOperation, KubeObject, ResourceKind } from '../kubernetes/index.js';
import type { LabStand, ObservedLab } from './lab.observed.js';
import type { UserPlace } from './lab-world.repository.js';
import { announcement, mishap } from './lab-announcement.builder.js';
import { isOutlived } from './lab.adoption.policy.js';
import type { Lab, LedgerEntry } from './lab.js';
import { objectNames, requestSecretName } from './lab.names.js';
import { LabView } from './lab.view.js';
import { isLabPod } from './stranger-pod.mapper.js';
import { INSTANCE, LAB_UID, OPERATION, ownership } from './objects/index.js';
import type { LabObject, LabRemains, Ownership } from './objects/index.js';

/** An Event goes last in our queue: in a class of a thousand it waits for their objects. */
const TOLD_WITHIN = seconds(60);

/** What a lab is made of, as the API server has it: single writes and reads. Every deletion names the UID it means. */
@Injectable()
export class LabCluster {
  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly view: LabView,
  ) {}

  /** True if it was created, false if an object of that name exists. */
  async create({ kind, object }: LabObject, signal: AbortSignal): Promise<boolean> {
    const options = { ...call('lab-object', signal), deadline: ADMISSION_DEADLINE };
    return this.writer.createIfAbsent(kind, object, options);
  }

  /** Whether an object of that name exists by now, whoever made it. A look that is refused for good tells nothing. */
  async isThere({ kind, ref }: LabObject, signal: AbortSignal): Promise<boolean> {
    try {
      return stands(await this.reader.get(kind, ref, call('lab-object', signal)));
    } catch (error) {
      if (error instanceof KubernetesError && error.verdict !== 'retry') return false;
      throw error;
    }
  }

  /** Removes the objects of one kind that other operations left in a namespace of ours. */
  async clear(kind: ResourceKind, namespace: string, operation: string, signal: AbortSignal): Promise<void> {
    const labelSelector = `${OPERATION},${OPERATION}!=${operation}`;
    await this.writer.deleteCollection(kind, namespace, { ...call('lab-clear', signal), labelSelector });
  }

  /** Marks of a namespace as it is now; undefined if it is gone or going. */
  async marksOf(name: string, signal: AbortSignal): Promise<Ownership | undefined> {
    const live = await this.reader.get(NAMESPACES, { name }, call('lab-namespace', signal));
    return live?.metadata?.deletionTimestamp === undefined && live ? ownership(live) : undefined;
  }

  /** Whether a lab whose namespace or pod our caches lack, or one in its place, is there all the same: two live reads, which enter the caches. */
  async isPresent(lab: Lab, signal: AbortSignal): Promise<boolean> {
    const { namespace, pod } = this.view.world.namesOf(lab);
    const options = call('lab-gone', signal);
    const place = await this.reader.get(NAMESPACES, { name: namespace }, options);
    if (!stands(place)) return false;
    const { instance, labUid } = ownership(place);
    if (labUid !== lab.uid && instance !== undefined) return false;
    const live = await this.reader.get(PODS, { namespace, name: pod }, options);
    // A stranger's pod of that name is no lab, and no cache of ours will ever hold it.
    if (!stands(live) || !isLabPod(live)) return false;
    return labUid === lab.uid || isOutlived(this.view.world.standOf(lab));
  }

  /** Whether the lab's pod is not any more as it was seen: one live read, which enters the caches; none where none was seen. */
  async isBehind({ lab, pod }: LabStand, signal: AbortSignal): Promise<boolean> {
    if (!pod) return false;
    await this.reader.get(PODS, { namespace: pod.namespace, name: pod.name }, call('lab-fails', signal));
    return this.view.world.standOf(lab).pod !== pod;
  }

  /** Whether a lab whose namespace our caches lack has one all the same: one live read, which enters them. */
  async isLeft(lab: Lab, signal: AbortSignal): Promise<boolean> {
    const { namespace: name } = this.view.world.namesOf(lab);
    await this.reader.get(NAMESPACES, { name }, call('lab-gone', signal));
    return this.view.world.standOf(lab).namespace !== undefined;
  }

  /** The pod of that name as it is now; undefined if it is gone or going. */
  async podAt(namespace: string, name: string, signal: AbortSignal): Promise<KubeObject | undefined> {
    const live = await this.reader.get(PODS, { namespace, name }, call('lab-pod-taken', signal));
    return stands(live) ? live : undefined;
  }

  /** Whether the request of a spawn that our caches lack is there all the same: one live read, which enters the caches. */
  async isRequested({ name, wish }: Lab, signal: AbortSignal): Promise<boolean> {
    const ref = { namespace: this.view.labs.instance, name: requestSecretName(name, wish.operation.id) };
    return stands(await this.reader.get(SECRETS, ref, call('lab-request-missing', signal)));
  }

  /** What an adoption needs besides the pod: one read each. */
  async remainsOf(
    { namespace, key }: UserPlace,
    prefix: string,
    signal: AbortSignal,
  ): Promise<Pick<LabRemains, 'environment' | 'quota'>> {
    const names = objectNames(prefix, key.username, key.labName);
    const options = call('lab-adopt', signal);
    const [environment, quota] = await Promise.all([
      this.reader.get(CONFIG_MAPS, { namespace: namespace.name, name: names.env }, options),
      this.reader.get(RESOURCE_QUOTAS, { namespace: namespace.name, name: names.quota }, options),
    ]);
    return { environment, quota };
  }

  /** Tells `kubectl describe lab`. Losing it harms nobody. */
  async announce(lab: Lab, entry: LedgerEntry, log: Log): Promise<void> {
    await this.tell(lab, announcement(lab, this.view.labs.instance, entry), log);
  }

  /** The same of what befell a lab when its story was over. */
  async announceMishap(lab: Lab, log: Log): Promise<void> {
    const event = mishap(lab, this.view.labs.instance);
    if (event) await this.tell(lab, event, log);
  }

  private async tell(lab: Lab, event: ReturnType<typeof announcement>, log: Log): Promise<void> {
    try {
      const options = { priority: 'background', reason: 'lab-event', deadline: TOLD_WITHIN } as const;
      await this.writer.createIfAbsent(OBJECT_EVENTS, event, options);
    } catch (error) {
      log.warn('event of a lab was not written', { lab: lab.name, reason: event.reason, error });
    }
  }

  async deletePod(
    { pod }: Pick<ObservedLab, 'pod'>,
    { uid, graceSeconds }: { readonly uid: string; readonly graceSeconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    if (!pod) return;
    const { namespace, name } = pod;
    await this.writer.delete(
      PODS,
      { namespace, name },
      { ...call('lab-pod-delete', signal), uid, graceSeconds },
    );
  }

  async deleteNamespace(
    { namespace }: { readonly namespace: { readonly name: string } | undefined },
    uid: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (!namespace) return;
    const options = { ...call('lab-namespace-delete', signal), uid };
    await this.writer.delete(NAMESPACES, { name: namespace.name }, options);
  }

  /** Takes over a namespace: from here on it is ours, and of this operation. */
  async mark({ lab, namespace }: ObservedLab, uid: string, signal: AbortSignal): Promise<void> {
    const facts = namespace && this.view.world.namespace(namespace.name);
    if (!facts) return;
    const annotations = {
      ...facts.annotations,
      [INSTANCE]: this.view.labs.instance,
      [LAB_UID]: lab.uid,
      [OPERATION]: lab.wish.operation.id,
    };
    const operations: readonly JsonPatchOperation[] = [
      { op: 'test', path: '/metadata/uid', value: uid },
      // Somebody may have changed an annotation that we would write back.
      { op: 'test', path: '/metadata/resourceVersion', value: facts.resourceVersion },
      { op: 'add', path: '/metadata/annotations', value: annotations },
    ];
    await this.writer.patch(NAMESPACES, { name: facts.name }, operations, call('lab-adopt', signal));
  }
}

/** There, and not going. */
const stands = <T extends KubeObject>(object: T | undefined): object is T =>
  object !== undefined && object.metadata?.deletionTimestamp === undefined;

const call = (reason: string, signal: AbortSignal): CallOptions => ({
  priority: 'reconcile',
  reason,
  signal,
});

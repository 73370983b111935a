import { Injectable } from '@nestjs/common';

import { ADMISSION_DEADLINE } from '../common/deadline.js';
import { KubeReader, KubeWriter, OBJECT_EVENTS, PODS, SECRETS, VOLUME_CLAIMS } from '../kubernetes/index.js';
import type { CallOptions, JsonPatchOperation, ResourceKind } from '../kubernetes/index.js';
import type { Part } from './fileserver.decision.js';
import { CATEGORY_LABEL, FILESERVER, INSTANCE, OPERATION, OWNER, USER_LABEL } from './fileserver.marks.js';
import type { FileServer } from './fileserver.js';
import { objectName } from './fileserver.names.js';
import { FileserverView } from './fileserver.view.js';
import { JOBS, buildPart, kindOf } from './objects/index.js';
import type { ServerObject } from './objects/index.js';

/** How an attempt to create one object ended. */
export type Creation = 'created' | 'exists' | 'foreign';

/** What a server is made of, as the API server has it: single writes and reads. Every deletion names the UID it means. */
@Injectable()
export class FileserverCluster {
  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly view: FileserverView,
  ) {}

  /** @throws {KubernetesError} */
  async create({ kind, object }: ServerObject, signal: AbortSignal): Promise<boolean> {
    const options = { ...call('fileserver-object', signal), deadline: ADMISSION_DEADLINE };
    return this.writer.createIfAbsent(kind, object, options);
  }

  /**
   * Creates a part. One of that name that our caches lack costs a live read: it enters them if its labels make it a
   * file server's, and is nobody's business of ours if not.
   * @throws {KubernetesError}
   */
  async createPart(server: FileServer, part: Part, signal: AbortSignal): Promise<Creation> {
    const object = buildPart(this.view.inputOf(server), part);
    if (await this.create(object, signal)) return 'created';
    const live = await this.reader.get(object.kind, object.ref, call('fileserver-conflict', signal));
    if (!live) return 'exists';
    return live.metadata?.labels?.[CATEGORY_LABEL] === FILESERVER ? 'exists' : 'foreign';
  }

  /** Deletes what stands under a server's name, with or without a record. */
  async deletePart(
    name: string,
    { part, uid }: { readonly part: Part; readonly uid: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace } = this.view.world.files;
    const options = { ...call('fileserver-delete', signal), uid } as const;
    const ref = { namespace, name: objectName(name) };
    const kind = this.kindOf(part);
    // The Job's pods end before it does, so that its absence means that nobody serves any more.
    await this.writer.delete(kind, ref, part === 'job' ? { ...options, propagation: 'Foreground' } : options);
  }

  /** Deletes a pod that its node can't end any more. */
  async forcePod(
    { pod, uid }: { readonly pod: string; readonly uid: string },
    signal: AbortSignal,
  ): Promise<void> {
    const ref = { namespace: this.view.world.files.namespace, name: pod };
    await this.writer.delete(PODS, ref, { ...call('fileserver-force', signal), uid, graceSeconds: 0 });
  }

  kindOf(part: Part): ResourceKind {
    return kindOf(part, this.view.publish);
  }

  /** Removes the claims of one user's servers (contract 7.2); an adopted server's bear no mark of ours. */
  async clearClaims(server: FileServer, which: 'ours' | 'unmarked', signal: AbortSignal): Promise<void> {
    const { instance } = this.view.servers;
    const whose = which === 'ours' ? `${INSTANCE}=${instance}` : `!${INSTANCE}`;
    const labelSelector = `${CATEGORY_LABEL}=${FILESERVER},${USER_LABEL}=${server.name},${whose}`;
    const options = { ...call('fileserver-claims', signal), labelSelector };
    await this.writer.deleteCollection(VOLUME_CLAIMS, this.view.world.files.namespace, options);
  }

  /** Removes the Secrets of this instance's servers of one user, those of this operation if `others` is not set. */
  async clearKeys(server: FileServer, others: boolean, signal: AbortSignal): Promise<void> {
    const { instance } = this.view.servers;
    const which = others ? `,${OPERATION}!=${server.wish.operation.id}` : '';
    const labelSelector = `${USER_LABEL}=${server.name},${INSTANCE}=${instance}${which}`;
    const options = { ...call('fileserver-keys', signal), labelSelector };
    await this.writer.deleteCollection(SECRETS, this.view.world.files.namespace, options);
  }

  /** True if the Job is there after all. @throws {KubernetesError} */
  async jobLives({ name }: FileServer, signal: AbortSignal): Promise<boolean> {
    const ref = { namespace: this.view.world.files.namespace, name: objectName(name) };
    const live = await this.reader.get(JOBS, ref, call('fileserver-gone', signal));
    return live?.metadata?.labels?.[CATEGORY_LABEL] === FILESERVER;
  }

  /** What the Job's controller said last when it could not make the pod; undefined if it said nothing. */
  async whyNoPod(uid: string, signal: AbortSignal): Promise<string | undefined> {
    const { namespace } = this.view.world.files;
    const fieldSelector = `involvedObject.uid=${uid},reason=FailedCreate`;
    const options = call('fileserver-podless', signal);
    const events = await this.reader.list(OBJECT_EVENTS, { namespace, fieldSelector }, options);
    const timeOf = ({ lastTimestamp, eventTime }: (typeof events)[number]): string =>
      String(lastTimestamp ?? eventTime ?? '');
    return events.toSorted((one, other) => timeOf(one).localeCompare(timeOf(other))).at(-1)?.message;
  }

  /** Takes over a Job that a Nublado controller made. @throws {KubernetesError} */
  async markJob(server: FileServer, uid: string, signal: AbortSignal): Promise<void> {
    const { parts } = this.view.world.place(server.name);
    if (parts.job?.uid !== uid) return;
    const labels = {
      ...parts.job.labels,
      [INSTANCE]: this.view.servers.instance,
      [OWNER]: server.uid,
      [OPERATION]: server.wish.operation.id,
    };
    const operations: readonly JsonPatchOperation[] = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: parts.job.resourceVersion },
      { op: 'add', path: '/metadata/labels', value: labels },
    ];
    const ref = { namespace: this.view.world.files.namespace, name: objectName(server.name) };
    await this.writer.patch(JOBS, ref, operations, call('fileserver-adopt', signal));
  }
}

const call = (reason: string, signal: AbortSignal): CallOptions => ({
  priority: 'reconcile',
  reason,
  signal,
});

import type { V1Secret } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import { seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import {
  Informers,
  KubeConnection,
  KubeReader,
  KubeWriter,
  SECRETS,
  stopPatch,
} from '../kubernetes/index.js';
import type { Change, Informer, JsonPatchOperation, KubeObject, Priority } from '../kubernetes/index.js';
import { requestOf } from './lab-observed.mapper.js';
import { STATE_LABEL, STOPPED, UID_LABEL } from './lab.marks.js';
import type { Lab, LabWish } from './lab.js';
import { labOf } from './lab.mapper.js';
import type { ObservedRequest } from './lab.observed.js';
import { forgetPatch, newLab, spawnPatch, stoppedLabelPatch } from './lab.patches.js';
import { LABS } from './lab.resource.js';
import type { LabResource } from './lab.resource.js';
import { MalformedLab } from './labs.errors.js';
import { REQUEST_SECRET_TYPE, buildRequestSecret, readRequestSecret } from './objects/index.js';
import type { LabRequestData } from './objects/index.js';

/** A record without objects, judged from its metadata alone. */
export interface StoppedRecord {
  readonly name: string;
  readonly uid: string;
  /** The number of whoever it belonged to. */
  readonly ownerUid: number;
  readonly beingDeleted: boolean;
  readonly finalizers: readonly string[];
}

/** A cached Lab resource; without `lab` if it can't be read as one. */
export interface CachedLab {
  readonly name: string;
  readonly uid: string;
  readonly lab: Lab | undefined;
}

interface CachedRequest extends ObservedRequest {
  readonly labName: string;
  readonly secret: V1Secret;
}

/**
 * A Lab whose request Secret is missing after ten seconds fails: an answer that is lost must be found out in time to
 * write the Secret.
 */
const ACCEPT_WITHIN = seconds(3);

/** Lab resources and their request Secrets: the only place that reads and writes them. */
@Injectable()
export class LabsRepository {
  private readonly active: Informer<CachedLab>;
  private readonly stopped: Informer<StoppedRecord>;
  private readonly requests: Informer<CachedRequest>;

  constructor(
    informers: Informers,
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly connection: KubeConnection,
  ) {
    const { namespace } = connection;
    this.active = informers.add<LabResource, CachedLab>({
      kind: LABS,
      namespace,
      labelSelector: `${STATE_LABEL}!=${STOPPED}`,
      project: cachedLab,
    });
    this.stopped = informers.add<LabResource, StoppedRecord>({
      kind: LABS,
      namespace,
      labelSelector: `${STATE_LABEL}=${STOPPED}`,
      metadataOnly: true,
      project: stoppedRecord,
    });
    this.requests = informers.add<V1Secret, CachedRequest>({
      kind: SECRETS,
      namespace,
      fieldSelector: `type=${REQUEST_SECRET_TYPE}`,
      project: cachedRequest,
      indexes: { lab: (request) => [request.labName] },
    });
  }

  /** The controller's namespace, which is also the name of this instance. */
  get instance(): string {
    return this.connection.namespace;
  }

  /** Caches of Labs and requests are filled. */
  get synced(): boolean {
    return this.active.synced && this.stopped.synced && this.requests.synced;
  }

  /** A lab that is not a stopped record, from the cache. */
  find(name: string): Lab | undefined {
    return this.active.get(this.ref(name))?.lab;
  }

  findStopped(name: string): StoppedRecord | undefined {
    return this.stopped.get(this.ref(name));
  }

  list(): readonly Lab[] {
    return this.active.list().flatMap(({ lab }) => (lab ? [lab] : []));
  }

  /** Names of resources that can't be read as Labs. */
  malformed(): readonly string[] {
    return this.active.list().flatMap(({ lab, name }) => (lab ? [] : [name]));
  }

  listStopped(): readonly StoppedRecord[] {
    return this.stopped.list();
  }

  requestsOf(name: string): readonly ObservedRequest[] {
    return this.requests.by('lab', name);
  }

  /** @throws {MalformedRequestSecret} */
  requestData(name: string, operation: string): LabRequestData | undefined {
    const found = this.requests.by('lab', name).find((request) => request.operation === operation);
    return found && readRequestSecret(found.secret);
  }

  /** Calls back after each change of a Lab; the returned function ends it, here and below. */
  onChange(listener: (change: Change<CachedLab>) => void): () => void {
    return this.active.onChange(listener);
  }

  onStopped(listener: (record: StoppedRecord) => void): () => void {
    return this.stopped.onChange(({ value }) => listener(value));
  }

  onRequest(listener: (labName: string) => void): () => void {
    return this.requests.onChange(({ value }) => listener(value.labName));
  }

  /**
   * The lab as it is now, stopped records included: one live read, shared with whoever waits for the next one.
   * @throws {KubernetesError} @throws {MalformedLab}
   */
  async confirm(name: string, priority: Priority = 'interactive'): Promise<Lab | undefined> {
    const resource = await this.reader.confirm(LABS, this.ref(name), { priority, reason: 'lab-confirm' });
    return resource && this.read(resource);
  }

  /** @throws {KubernetesError} with verdict `conflict` if there is a record already */
  async create(name: string, wish: LabWish, priority: Priority = 'interactive'): Promise<Lab> {
    const resource = newLab(name, this.instance, wish);
    const options = { priority, reason: 'lab-create', deadline: ACCEPT_WITHIN } as const;
    return this.read(await this.writer.create(LABS, resource, options));
  }

  /** A new spawn over a stopped or failed record. @throws {KubernetesError} `conflict` if it is not that any more */
  respawn(lab: Lab, wish: LabWish, priority: Priority = 'interactive'): Promise<Lab> {
    const options = { priority, reason: 'lab-respawn', deadline: ACCEPT_WITHIN } as const;
    return this.patch(lab.name, spawnPatch(lab, wish), options);
  }

  /** A new operation that stops the lab. @throws {KubernetesError} `conflict` if another operation came first */
  stop(lab: Lab, operation: { readonly id: string; readonly at: Instant }, priority: Priority): Promise<Lab> {
    return this.patch(lab.name, stopPatch(lab, operation), { priority, reason: 'lab-stop' });
  }

  /** @throws {KubernetesError} `conflict` if somebody wrote first */
  record(name: string, operations: readonly JsonPatchOperation[], signal: AbortSignal): Promise<Lab> {
    const options = { priority: 'reconcile', reason: 'lab-status', subresource: 'status', signal } as const;
    return this.patch(name, operations, options);
  }

  async labelStopped(lab: Lab, signal: AbortSignal): Promise<void> {
    const options = { priority: 'reconcile', reason: 'lab-stopped', signal } as const;
    await this.patch(lab.name, stoppedLabelPatch(lab), options);
  }

  async forget(
    record: Pick<StoppedRecord, 'name' | 'uid' | 'finalizers'>,
    signal: AbortSignal,
  ): Promise<void> {
    const options = { priority: 'reconcile', reason: 'lab-forget', signal } as const;
    await this.writer.patch(LABS, this.ref(record.name), forgetPatch(record), options);
  }

  /** Deletes the resource: the leader stops the lab and forgets it. @throws {KubernetesError} `conflict` if that version is old */
  async erase(name: string, only: Pick<Lab, 'uid'> & Partial<Pick<Lab, 'resourceVersion'>>): Promise<void> {
    const options = { ...only, priority: 'interactive', reason: 'lab-erase' } as const;
    await this.writer.delete(LABS, this.ref(name), options);
  }

  async createRequest(lab: Lab, operationId: string, data: LabRequestData): Promise<void> {
    const input = { lab, operationId, data, namespace: this.instance };
    const options = { priority: 'interactive', reason: 'lab-request', deadline: ACCEPT_WITHIN } as const;
    await this.writer.createIfAbsent(SECRETS, buildRequestSecret(input), options);
  }

  async deleteRequest(name: string, uid: string, signal: AbortSignal): Promise<void> {
    const options = { priority: 'reconcile', reason: 'lab-request-served', uid, signal } as const;
    await this.writer.delete(SECRETS, this.ref(name), options);
  }

  private async patch(
    name: string,
    operations: readonly JsonPatchOperation[],
    options: Parameters<KubeWriter['patch']>[3],
  ): Promise<Lab> {
    return this.read(await this.writer.patch(LABS, this.ref(name), operations, options));
  }

  private read(resource: LabResource): Lab {
    const lab = labOf(resource);
    if (lab) return lab;
    const name = resource.metadata?.name;
    throw new MalformedLab('A Lab resource lacks what no lab can be without', { context: { name } });
  }

  private ref(name: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.instance, name };
  }
}

const nameOf = (object: KubeObject): { readonly name: string; readonly uid: string } => ({
  name: object.metadata?.name ?? '',
  uid: object.metadata?.uid ?? '',
});

const cachedLab = (resource: LabResource): CachedLab => ({ ...nameOf(resource), lab: labOf(resource) });

function stoppedRecord(resource: KubeObject): StoppedRecord {
  return {
    ...nameOf(resource),
    ownerUid: Number(resource.metadata?.labels?.[UID_LABEL]),
    beingDeleted: resource.metadata?.deletionTimestamp !== undefined,
    finalizers: resource.metadata?.finalizers ?? [],
  };
}

function cachedRequest(secret: V1Secret): CachedRequest {
  return { ...requestOf(secret), labName: secret.metadata?.ownerReferences?.[0]?.name ?? '', secret };
}

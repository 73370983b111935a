import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';
import type { Plain } from '../common/plain.js';
import { Informers, KubeConnection, KubeReader, KubeWriter, PODS } from '../kubernetes/index.js';
import type { CallOptions, Informer, JsonPatchOperation } from '../kubernetes/index.js';
import { recordOf, statusOf } from './node-images.mapper.js';
import { NODE_IMAGES } from './node-images.resource.js';
import type { NodeImagesResource } from './node-images.resource.js';
import { CATEGORY, CATEGORY_LABEL, INSTANCE_LABEL } from './prepull-pod.builder.js';
import { isOurPull, pullOf } from './prepull-pod.mapper.js';
import type { Finding, NodeRecord, Pull } from './prepull.js';

/** What became of a pod that was to be created. */
export type PodCreation =
  | 'created'
  /** It exists: ours, and just this one. */
  | 'exists'
  /** Something else has its name. */
  | 'taken'
  /** Whatever had its name has gone meanwhile. */
  | 'vanished';

/** Prepull pods and `NodeImages`: the only place that reads and writes them. */
@Injectable()
export class PrepullsRepository {
  private readonly pulls: Informer<Pull>;
  private readonly records: Informer<NodeRecord>;

  constructor(
    informers: Informers,
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly connection: KubeConnection,
  ) {
    const { namespace } = connection;
    this.pulls = informers.add<V1Pod, Pull>({
      kind: PODS,
      namespace,
      labelSelector: `${CATEGORY_LABEL}=${CATEGORY},${INSTANCE_LABEL}=${namespace}`,
      project: pullOf,
      indexes: { node: ({ node }) => [node] },
    });
    this.records = informers.add<NodeImagesResource, NodeRecord>({
      kind: NODE_IMAGES,
      namespace,
      project: recordOf,
    });
  }

  get synced(): boolean {
    return this.pulls.synced && this.records.synced;
  }

  get namespace(): string {
    return this.connection.namespace;
  }

  allPulls(): readonly Pull[] {
    return this.pulls.list();
  }

  pullsOn(node: string): readonly Pull[] {
    return this.pulls.by('node', node);
  }

  recordOf(node: string): NodeRecord | undefined {
    return this.records.get(this.ref(node));
  }

  /** Calls back with the name of each node of which a pull or the record changed; the returned function ends it. */
  onChange(listener: (node: string) => void): () => void {
    const ends = [
      this.pulls.onChange(({ value }) => listener(value.node)),
      this.records.onChange(({ value }) => listener(value.node)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** @throws {KubernetesError} */
  async createPod(pod: Plain<V1Pod>, signal: AbortSignal): Promise<PodCreation> {
    const options = call('prepull-pod', signal);
    if (await this.writer.createIfAbsent(PODS, pod, options)) return 'created';
    const found = await this.reader.get(PODS, this.ref(pod.metadata?.name ?? ''), options);
    if (!found) return 'vanished';
    if (!isOurPull(found, this.namespace)) return 'taken';
    const [wanted, there] = [pullOf(pod), pullOf(found)];
    return wanted.node === there.node && wanted.digest === there.digest ? 'exists' : 'taken';
  }

  /** At once: the container has nothing to lose, and a node that does not answer must not keep the name. */
  async deletePod({ name, uid }: Pull, signal: AbortSignal): Promise<void> {
    const options = { ...call('prepull-pod-delete', signal), uid, graceSeconds: 0 };
    await this.writer.delete(PODS, this.ref(name), options);
  }

  /** Of another node of that name, or of none. @throws {KubernetesError} */
  async dropRecord(node: string, uid: string, signal: AbortSignal): Promise<void> {
    await this.writer.delete(NODE_IMAGES, this.ref(node), { ...call('node-images-drop', signal), uid });
  }

  /**
   * Makes the record of a node say `findings`. It is owned by its Node, so that it goes when the node does.
   * @throws {KubernetesError} with verdict `conflict` if somebody else wrote it since it was seen
   */
  async record(
    node: { readonly name: string; readonly uid: string },
    findings: readonly Finding[],
    signal: AbortSignal,
  ): Promise<NodeRecord> {
    const status = statusOf(findings);
    const seen = this.recordOf(node.name);
    const options = call('node-images', signal);
    if (!seen) {
      const metadata = { ...this.ref(node.name), ownerReferences: [ownerOf(node)] };
      const made: unknown = { metadata, status };
      return recordOf(await this.writer.create(NODE_IMAGES, made as NodeImagesResource, options));
    }
    const operations: readonly JsonPatchOperation[] = [
      { op: 'test', path: '/metadata/uid', value: seen.uid },
      { op: 'test', path: '/metadata/resourceVersion', value: seen.resourceVersion },
      { op: 'add', path: '/status', value: status },
    ];
    return recordOf(await this.writer.patch(NODE_IMAGES, this.ref(node.name), operations, options));
  }

  /** One live read, which brings the cache up to date. */
  async refreshRecord(node: string, signal: AbortSignal): Promise<void> {
    await this.reader.get(NODE_IMAGES, this.ref(node), call('node-images-refresh', signal));
  }

  private ref(name: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name };
  }
}

/** A cluster-scoped owner is allowed, as kubelets' own Leases show. */
const ownerOf = ({
  name,
  uid,
}: {
  readonly name: string;
  readonly uid: string;
}): Plain<V1OwnerReference> => ({
  apiVersion: 'v1',
  kind: 'Node',
  name,
  uid,
});

/** Nobody waits for any of it: labs' requests go first. */
const call = (reason: string, signal: AbortSignal): CallOptions => ({
  priority: 'background',
  reason,
  signal,
});

import { hostname } from 'node:os';
import { isStatus } from './client.js';
import { loadOf, isReady, obstacles, unschedulable, withoutClaim } from './fit.js';
import type { Load } from './fit.js';
import { keyOf } from './informer.js';
import { KeyQueue } from './pacing.js';
import { ClaimCheck } from './pod-claims.js';
import type { SharedInformers } from './shared.js';
import { eventName, timestamp } from './events.js';
import type { Actor, Node, Pod } from './types.js';

const ours = 'default-scheduler';
const retryMs = 1_000;
const claimLookMs = 50;

interface Placed {
  node: string;
  load: Load;
}

/** Binds pods that have no node to the emptiest ready node that fits, and says why where none does. */
export class Scheduler implements Actor {
  private readonly queue = new KeyQueue((key) => this.schedule(key), 16);
  private readonly placed = new Map<string, Placed>();
  private readonly told = new Map<string, string>();
  private readonly claims: ClaimCheck;
  private readonly used = new Map<string, Load>();
  private unsubscribe: (() => void)[] = [];

  constructor(private readonly informers: SharedInformers) {
    this.claims = new ClaimCheck(informers.client);
  }

  async start(): Promise<void> {
    const pods = this.informers.get<Pod>('/api/v1/pods');
    const nodes = this.informers.get<Node>('/api/v1/nodes');
    await Promise.all([nodes.start(), pods.start()]);
    this.unsubscribe = [
      pods.subscribe({ changed: (pod) => this.seen(pod), gone: (pod) => this.release(pod) }),
      nodes.subscribe({ changed: () => this.retryAll() }),
    ];
  }

  async close(): Promise<void> {
    for (const each of this.unsubscribe) each();
    await this.queue.close();
  }

  private seen(pod: Pod): void {
    const { phase } = pod.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') this.release(pod);
    else if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== '') this.place(pod, pod.spec.nodeName);
    else if ((pod.spec.schedulerName ?? ours) === ours && pod.metadata.deletionTimestamp === undefined)
      if (!this.placed.has(pod.metadata.uid)) this.queue.add(keyOf(pod));
  }

  /** A node came, changed or emptied: whoever waits is looked at again. */
  private retryAll(): void {
    for (const key of this.told.keys()) this.queue.add(key);
  }

  private async schedule(key: string): Promise<number | undefined> {
    const pod = this.informers.get<Pod>('/api/v1/pods').store.get(key);
    if (pod === undefined || (pod.spec.nodeName ?? '') !== '') {
      this.told.delete(key);
      return undefined;
    }
    const missing = await this.claims.obstacle(pod);
    const nodes = [...this.informers.get<Node>('/api/v1/nodes').store.values()].filter(isReady);
    const refused = nodes.map((node) => obstacles(pod, node, this.usedOf(node.metadata.name)));
    const node = this.emptiest(nodes.filter((_, index) => refused[index]?.length === 0));
    if (node === undefined || missing !== undefined) {
      await this.refuse(
        pod,
        missing === undefined ? unschedulable(refused) : withoutClaim(nodes.length, missing),
      );
      return retryMs;
    }
    if (!(await this.claims.bound(pod, node.metadata.name))) return claimLookMs;
    await this.bind(pod, node.metadata.name);
    this.told.delete(key);
    return undefined;
  }

  private emptiest(nodes: Node[]): Node | undefined {
    let best: Node | undefined;
    for (const node of nodes) {
      const less = this.usedOf(node.metadata.name).pods < this.usedOf(best?.metadata.name ?? '').pods;
      if (best === undefined || less) best = node;
    }
    return best;
  }

  private async bind(pod: Pod, node: string): Promise<void> {
    const { name, namespace = 'default', uid } = pod.metadata;
    this.place(pod, node);
    try {
      await this.informers.client.create(`/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      });
    } catch (error) {
      this.release(pod);
      if (isStatus(error, 404, 409)) return;
      throw error;
    }
    const note = `Successfully assigned ${namespace}/${name} to ${node}`;
    await this.tell(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
  }

  private async refuse(pod: Pod, message: string): Promise<void> {
    const key = keyOf(pod);
    if (this.told.get(key) === message) return;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime: timestamp(),
    };
    const { namespace = 'default', name, uid } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const others = (pod.status?.conditions ?? []).filter((each) => each.type !== 'PodScheduled');
    await this.informers.client.merge(path, {
      metadata: { uid },
      status: { conditions: [...others, condition] },
    });
    this.told.set(key, message);
    await this.tell(pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: message,
    });
  }

  /** The scheduler speaks the newer Events API: a time instead of a count, no source. */
  private async tell(
    pod: Pod,
    { type, reason, action, note }: { type: string; reason: string; action: string; note: string },
  ): Promise<void> {
    const { namespace = 'default', name, uid, resourceVersion } = pod.metadata;
    await this.informers.client
      .create(`/api/v1/namespaces/${namespace}/events`, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName(name), namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, resourceVersion },
        type,
        reason,
        action,
        message: note,
        eventTime: new Date().toISOString().replace(/Z$/, '000Z'),
        reportingComponent: ours,
        reportingInstance: `${ours}-${hostname()}`,
      })
      .catch(() => undefined);
  }

  private usedOf(node: string): Load {
    return this.used.get(node) ?? { cpu: 0, memory: 0, pods: 0 };
  }

  private place(pod: Pod, node: string): void {
    const { uid } = pod.metadata;
    if (this.placed.get(uid)?.node === node) return;
    const load = loadOf(pod);
    this.placed.set(uid, { node, load });
    this.add(node, load, 1);
  }

  private release(pod: Pod): void {
    const { uid } = pod.metadata;
    const placed = this.placed.get(uid);
    this.told.delete(keyOf(pod));
    if (placed === undefined) return;
    this.placed.delete(uid);
    this.add(placed.node, placed.load, -1);
    this.retryAll();
  }

  private add(node: string, load: Load, sign: 1 | -1): void {
    const { cpu, memory, pods } = this.usedOf(node);
    const next = { cpu: cpu + sign * load.cpu, memory: memory + sign * load.memory, pods: pods + sign };
    this.used.set(node, next);
  }
}

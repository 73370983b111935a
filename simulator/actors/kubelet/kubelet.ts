import type { Client } from '../client.js';
import { isStatus } from '../client.js';
import { EventRecorder } from '../events.js';
import type { KubeObject, Node, Pod } from '../types.js';
import { ImageStore } from './images.js';
import type { NodeSpec } from './node-object.js';
import { healthy, hostAddress, nodeObject, nodeStatus, podNetwork, unheard } from './node-object.js';
import type { NodeContext } from './pod-context.js';
import { PodRunner } from './pod-runner.js';

export interface KubeletOptions extends Pick<NodeContext, 'script' | 'timeScale' | 'instant'> {
  client: Client;
  index: number;
  spec: NodeSpec;
  serialPulls: boolean;
  digestOf: (image: string) => string;
  /** Real milliseconds from a change of the images to their showing in the node's status, and between heartbeats. */
  imagesReportMs: number;
  heartbeatMs: number;
}

const unreachable = 'node.kubernetes.io/unreachable';

/** One scripted node: its Node object, its images, and the pods bound to it. */
export class Kubelet {
  readonly name: string;
  readonly images: ImageStore;
  private readonly client: Client;
  private readonly node: NodeContext;
  private readonly runners = new Map<string, PodRunner>();
  private readonly held = new Map<string, Pod>();
  private heartbeat: NodeJS.Timeout | undefined;
  private reporting: NodeJS.Timeout | undefined;
  private lastPodIP = 1;

  constructor(private readonly options: KubeletOptions) {
    const { client, index, spec } = options;
    this.name = spec.name;
    this.client = client;
    this.images = new ImageStore(options.serialPulls, options.digestOf, () => this.reportImagesSoon());
    this.node = {
      name: spec.name,
      hostIP: hostAddress(index),
      client,
      recorder: new EventRecorder(client, { component: 'kubelet', host: spec.name }),
      images: this.images,
      timeScale: options.timeScale,
      instant: options.instant,
      silent: false,
      script: options.script,
      newPodIP: () => {
        this.lastPodIP += 1;
        return `${podNetwork(index)}.${Math.floor(this.lastPodIP / 256) % 256}.${this.lastPodIP % 256}`;
      },
    };
  }

  /** Registers the node (or takes over the one of that name) and keeps its lease alive. */
  async register(): Promise<void> {
    const { spec, index } = this.options;
    await this.client.createIfAbsent('/api/v1/nodes', nodeObject(spec, index));
    await this.patchNode({ ...nodeStatus(spec, index), images: this.images.list() });
    await this.renew();
    this.heartbeat = setInterval(() => void this.renew().catch(() => undefined), this.options.heartbeatMs);
  }

  /** A pod bound to this node is there or has changed. */
  seen(pod: Pod): void {
    if (this.node.silent) {
      this.held.set(pod.metadata.uid, pod);
      return;
    }
    const { uid } = pod.metadata;
    const runner = this.runners.get(uid);
    if (runner !== undefined) {
      runner.update(pod);
      return;
    }
    const fresh = new PodRunner(this.node, pod);
    this.runners.set(uid, fresh);
    fresh.start();
  }

  /** A pod is gone from the API server. */
  gone(pod: KubeObject): void {
    const { uid } = pod.metadata;
    this.held.delete(uid);
    void this.runners.get(uid)?.vanish();
    this.runners.delete(uid);
  }

  /** The kubelet of a pod on this node, for what can happen to it. Throws if it does not run here. */
  runner(uid: string): PodRunner | undefined {
    return this.runners.get(uid);
  }

  /** Nothing is heard of the node from now on; its pods go on running. */
  goSilent(): void {
    this.node.silent = true;
  }

  /** What the node controller writes after a long silence. The node is silent from then on. */
  async markNotReady(): Promise<void> {
    this.goSilent();
    await this.patchNode({ conditions: unheard() });
    const taints = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: unreachable, effect }));
    await this.client.merge(`/api/v1/nodes/${this.name}`, {
      spec: { taints: [...(this.options.spec.taints ?? []), ...taints] },
    });
  }

  /** The node is heard again and catches up with what it missed. */
  async recover(): Promise<void> {
    this.node.silent = false;
    await this.patchNode({ conditions: healthy(), images: this.images.list() });
    await this.client.merge(`/api/v1/nodes/${this.name}`, {
      spec: { taints: this.options.spec.taints ?? null },
    });
    await this.renew();
    for (const runner of this.runners.values()) void runner.sheet.flush();
    for (const pod of this.held.values()) this.seen(pod);
    this.held.clear();
  }

  /** The machine is gone, with its Node object. */
  async removeNode(): Promise<void> {
    this.goSilent();
    await this.stop();
    await this.client.remove(`/api/v1/nodes/${this.name}`);
  }

  /** Ends the simulation of this node; objects stay as they are. */
  async stop(): Promise<void> {
    clearInterval(this.heartbeat);
    clearTimeout(this.reporting);
    await Promise.all([...this.runners.values()].map((each) => each.vanish()));
    await this.node.recorder.flushed();
  }

  private reportImagesSoon(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = undefined;
      if (this.node.silent) return;
      // As a real one does: the list always travels with the time at which the node told it.
      const status = { conditions: healthy(), images: this.images.list() };
      void this.patchNode(status).catch(() => undefined);
    }, this.options.imagesReportMs);
  }

  private async patchNode(status: Partial<NonNullable<Node['status']>>): Promise<void> {
    await this.client.merge(`/api/v1/nodes/${this.name}/status`, { status });
  }

  private async renew(): Promise<void> {
    if (this.node.silent) return;
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    const spec = {
      holderIdentity: this.name,
      leaseDurationSeconds: 40,
      renewTime: new Date().toISOString().replace(/Z$/, '000Z'),
    };
    try {
      await this.client.merge(`${leases}/${this.name}`, { spec });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      await this.createLease(leases, spec);
    }
  }

  private async createLease(leases: string, spec: object): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } };
    await this.client.createIfAbsent('/api/v1/namespaces', namespace);
    const metadata = { name: this.name, namespace: 'kube-node-lease' };
    await this.client.createIfAbsent(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec,
    });
  }
}

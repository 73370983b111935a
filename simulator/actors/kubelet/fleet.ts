import type { Actor, KubeObject, Pod } from '../types.js';
import type { SharedInformers } from '../shared.js';
import { derivedDigest } from './images.js';
import { Kubelet } from './kubelet.js';
import type { NodeSpec } from './node-object.js';
import type { PodRunner } from './pod-runner.js';
import type { ContainerScript, ImageScripts } from './script.js';
import { scriptFor } from './script.js';

export interface FleetOptions {
  /** How many nodes (`node-1`, …), or which. Default 3. */
  nodes?: number | NodeSpec[];
  /** Capacity of nodes given as a number. */
  capacity?: Record<string, string>;
  scripts?: ImageScripts;
  /** Factor on all scripted spans and back-offs; default 1. */
  timeScale?: number;
  /** One status write per pod and no kubelet Events, for load tests. */
  instant?: boolean;
  /** A node pulls one image at a time, as a stock kubelet does; default true. */
  serialPulls?: boolean;
  /** Real milliseconds until a new image shows in the node's status (a real kubelet takes up to 31 s); default 100. */
  imagesReportMs?: number;
  /** Default 10,000. */
  heartbeatMs?: number;
  /** The digest behind an image reference without one; undefined (or no function) makes one up. */
  digestOf?: (image: string) => string | undefined;
}

/** Which pod is meant: the object, or its namespace and name. */
export type PodName = KubeObject | { namespace: string; name: string };

const podsPath = '/api/v1/pods';

/** All scripted nodes, fed by one watch of the bound pods. */
export class Fleet implements Actor {
  readonly kubelets = new Map<string, Kubelet>();
  private readonly scripts: ImageScripts;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly informers: SharedInformers,
    private readonly options: FleetOptions = {},
  ) {
    this.scripts = { ...options.scripts };
    const { nodes = 3, capacity } = options;
    const specs =
      typeof nodes === 'number'
        ? Array.from({ length: nodes }, (_, index) => ({
            name: `node-${index + 1}`,
            ...(capacity && { capacity }),
          }))
        : nodes;
    for (const spec of specs) this.make(spec);
  }

  /** Registers the nodes and starts running pods. */
  async start(): Promise<void> {
    await Promise.all([...this.kubelets.values()].map((each) => each.register()));
    const pods = this.informers.get<Pod>(podsPath);
    this.unsubscribe = pods.subscribe({
      changed: (pod) => this.kubelets.get(pod.spec.nodeName ?? '')?.seen(pod),
      gone: (pod) => this.kubelets.get(pod.spec.nodeName ?? '')?.gone(pod),
    });
    await pods.start();
  }

  /** One node by name. Throws if there is none. */
  kubelet(name: string): Kubelet {
    const kubelet = this.kubelets.get(name);
    if (kubelet === undefined) throw new Error(`no simulated node is called ${name}`);
    return kubelet;
  }

  /** Adds a node while the cluster runs. */
  async addNode(spec: NodeSpec): Promise<Kubelet> {
    const kubelet = this.make(spec);
    await kubelet.register();
    for (const pod of this.informers.get<Pod>(podsPath).store.values())
      if (pod.spec.nodeName === spec.name) kubelet.seen(pod);
    return kubelet;
  }

  /** Changes what happens to an image from the next attempt on; undefined takes the script away. */
  setScript(image: string, script: ContainerScript | undefined): void {
    if (script !== undefined) this.scripts[image] = script;
    else Reflect.deleteProperty(this.scripts, image);
  }

  /** Evicts a pod for lack of memory on its node. */
  evict(pod: PodName): Promise<void> {
    return this.runner(pod).evict();
  }

  /** The kernel kills a container (`notebook`, else the first) for using too much memory. */
  oomKill(pod: PodName, container?: string): void {
    this.finish(pod, container, { exitCode: 137, reason: 'OOMKilled' });
  }

  /** The program of a container (`notebook`, else the first) ends by itself. */
  exit(pod: PodName, exitCode: number, container?: string): void {
    this.finish(pod, container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
  }

  async close(): Promise<void> {
    this.unsubscribe?.();
    await Promise.all([...this.kubelets.values()].map((each) => each.stop()));
  }

  private make(spec: NodeSpec): Kubelet {
    const { timeScale = 1, instant = false, serialPulls = true, digestOf } = this.options;
    const kubelet = new Kubelet({
      client: this.informers.client,
      index: this.kubelets.size,
      spec,
      serialPulls,
      digestOf: (image) => digestOf?.(image) ?? derivedDigest(image),
      timeScale,
      instant,
      imagesReportMs: this.options.imagesReportMs ?? 100,
      heartbeatMs: this.options.heartbeatMs ?? 10_000,
      script: (pod, container) => scriptFor(this.scripts, pod, container),
    });
    this.kubelets.set(spec.name, kubelet);
    return kubelet;
  }

  private finish(
    pod: PodName,
    container: string | undefined,
    ending: { exitCode: number; reason: string },
  ): void {
    const runner = this.runner(pod);
    const { containers } = runner.sheet.pod.spec;
    const notebook = containers.find((each) => each.name === 'notebook') ?? containers[0];
    runner.finish(container ?? notebook?.name ?? '', ending);
  }

  private runner(pod: PodName): PodRunner {
    const { namespace = 'default', name } = 'metadata' in pod ? pod.metadata : pod;
    const found = this.informers.get<Pod>(podsPath).store.get(`${namespace}/${name}`);
    const kubelet = this.kubelets.get(found?.spec.nodeName ?? '');
    const runner = kubelet?.runner(found?.metadata.uid ?? '');
    if (runner === undefined) throw new Error(`no simulated node runs pod ${namespace}/${name}`);
    return runner;
  }
}

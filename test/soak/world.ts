import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import type { Cluster } from '../../simulator/cluster.js';
import { RemovalBrake } from '../../src/labs/index.js';
import { someRuntimeSettings, startLabCluster, startRuntime } from '../support/labs-runtime.js';
import type { Runtime } from '../support/labs-runtime.js';
import { QuickClock } from '../support/quick-clock.js';
import { PATIENT_LEASE } from '../support/room-scenario.js';

const REPLICAS = 2;
/** Deadlines of ten seconds and watches that are silent for a minute and a half are over in a tenth of it. */
const PACE = 10;
const CAPACITY = { cpu: '256', memory: '1Ti', pods: '1000', 'ephemeral-storage': '1Ti' };

interface Replica {
  readonly proxy: FaultProxy;
  readonly runtime: Runtime;
}

/** A cluster and the replicas on it, any of which may die at any time. */
export class SoakWorld {
  private replicas: Replica[] = [];
  private readonly dead = new Set<Promise<unknown>>();
  private starting: Promise<void> | undefined;
  private born = 0;
  /** How often an operator had to say that removals may go on. */
  resumed = 0;

  private constructor(
    readonly cluster: Cluster,
    private readonly clock: QuickClock,
  ) {}

  static async open(): Promise<SoakWorld> {
    const clock = new QuickClock(PACE);
    const cluster = await startLabCluster({
      scripts: { 'science/missing': { failure: 'imageMissing' } },
      timeScale: 0.01,
      namespaceMinimumMs: 5,
      capacity: CAPACITY,
      server: { clock: () => clock.now() },
    });
    const world = new SoakWorld(cluster, clock);
    await world.complete();
    return world;
  }

  get runtimes(): readonly Runtime[] {
    return this.replicas.map(({ runtime }) => runtime);
  }

  get proxies(): readonly FaultProxy[] {
    return this.replicas.map(({ proxy }) => proxy);
  }

  /** Ends a replica as a power cut would, and starts another; not the only one that is left. */
  async crash(index: number): Promise<void> {
    if (this.replicas.length < REPLICAS) return;
    const [victim] = this.replicas.splice(index % this.replicas.length, 1);
    if (victim) await this.bury(victim);
    await this.complete();
  }

  /** As many replicas as there should be, all of them ready. */
  async complete(): Promise<void> {
    this.starting ??= this.fill();
    await this.starting;
    await Promise.all(this.runtimes.map(({ readiness }) => readiness.whenReady()));
  }

  /** No fault is left, every node is heard, removals go on. */
  async heal(): Promise<void> {
    for (const proxy of this.proxies) proxy.clear();
    for (const kubelet of this.cluster.kubelets.kubelets.values()) await kubelet.recover();
    await this.complete();
    const brake = this.runtimes[0]?.get(RemovalBrake);
    if (brake?.stop) {
      await brake.resume();
      this.resumed += 1;
    }
  }

  /** What the soak itself piled up must not be taken for a leak. */
  async forget(): Promise<void> {
    await fetch(`${this.cluster.api.url}/api/v1/namespaces/berth/events`, { method: 'DELETE' });
    await Promise.all(this.dead);
    for (const { proxy, runtime } of this.replicas) {
      proxy.forget();
      runtime.forget();
    }
  }

  async close(): Promise<void> {
    for (const replica of this.replicas) await this.bury(replica);
    await Promise.all(this.dead);
    await this.cluster.close();
  }

  private async fill(): Promise<void> {
    while (this.replicas.length < REPLICAS) this.replicas.push(await this.start());
    this.starting = undefined;
  }

  private async start(): Promise<Replica> {
    const proxy = await startFaultProxy({ target: this.cluster.api.url });
    this.born += 1;
    const runtime = await startRuntime({
      kubeconfig: proxy.kubeconfig('berth'),
      settings: someRuntimeSettings({ lab: { reconcileInterval: '2h' } }),
      identity: `replica-${this.born}`,
      clock: this.clock,
      lease: PATIENT_LEASE,
    });
    return { proxy, runtime };
  }

  private async bury({ proxy, runtime }: Replica): Promise<void> {
    await proxy.close();
    const ending = runtime.close().catch(() => undefined);
    this.dead.add(ending);
    void ending.then(() => this.dead.delete(ending));
  }
}

import { startFaultProxy, type FaultProxy } from '../../../simulator/faults/index.js';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { installCrds } from './crds.js';
import { freshNamespace } from './namespaces.js';
import { grantRights } from './rights.js';
import type { Api, Thing } from './api.js';
import type { SharedCluster } from './shared-cluster.js';

export interface Lease extends Thing {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly renewTime: string;
    readonly acquireTime: string;
    readonly leaseDurationSeconds: number;
  };
}

/** One process of the built Berth, and the fault layer between it and the API server. */
export interface Replica {
  readonly berth: BerthProcess;
  readonly proxy: FaultProxy;
}

export interface ReplicasOptions {
  readonly count: number;
  /** Their tokens are `<name>-token`. */
  readonly users: readonly string[];
  /** The `lease` section of the configuration. */
  readonly lease?: string;
}

/** Several processes of the built Berth as one instance on the shared cluster, with the rights of the chart. */
export class Replicas {
  readonly all: Replica[] = [];

  private constructor(
    private readonly cluster: SharedCluster,
    private readonly api: Api,
    /** Its namespace, and the prefix of the namespaces of its users. */
    readonly instance: string,
    private readonly options: ReplicasOptions,
  ) {}

  static async start(cluster: SharedCluster, api: Api, options: ReplicasOptions): Promise<Replicas> {
    await installCrds(api);
    const instance = await freshNamespace(api, 'replicas');
    const ours = await grantRights(api, cluster, instance);
    const replicas = new Replicas(ours, api, instance, options);
    for (let nth = 0; nth < options.count; nth += 1) await replicas.add();
    return replicas;
  }

  /** Starts one more; resolves when it is ready. */
  async add(): Promise<Replica> {
    const { cluster, instance } = this;
    const { url: target, ca, users, registry, identity } = cluster;
    const proxy = await startFaultProxy({ target, ca, token: users.berth ?? '' });
    const files = aPlatform({ registry, identity, kubeconfig: () => proxy.kubeconfig(instance) });
    const berth = await BerthProcess.prepare({
      ...files,
      config: files.config
        .replace('userlabs', instance)
        // A hundred of them must find room on the scripted nodes.
        .replace('requests: { cpu: 0.25, memory: 768Mi }', 'requests: { cpu: 0.01, memory: 16Mi }'),
      extra: files.extra
        .replace(/lease: .*/, (line) => this.options.lease ?? line)
        .replace(/( *)users:\n/, (line, indent: string) => line + this.users(`${indent}  `)),
      environment: { ...files.environment, BERTH_INSTALL_CRDS: 'false' },
    });
    const replica = { berth, proxy };
    this.all.push(replica);
    await berth.start();
    return replica;
  }

  lease(): Promise<Lease> {
    return this.api
      .get<Lease>(`/apis/coordination.k8s.io/v1/namespaces/${this.instance}/leases/berth`)
      .then(({ body }) => body);
  }

  /** Whoever holds the lease, which each process says by its name when it takes it. */
  async leader(): Promise<Replica> {
    for (;;) {
      const { holderIdentity } = (await this.lease()).spec ?? {};
      const found = holderIdentity && this.all.find(({ berth }) => berth.log.includes(holderIdentity));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async dispose(): Promise<void> {
    for (const { berth } of this.all) await berth.dispose();
    for (const { proxy } of this.all) await proxy.close();
  }

  private users(indent: string): string {
    return this.options.users
      .map((user, index) => {
        const uid = String(5000 + index);
        return `${indent}- { username: ${user}, name: ${user}, uid: ${uid}, gid: ${uid}, token: ${user}-token, groups: [] }\n`;
      })
      .join('');
  }
}

/** So many users, by number. */
export const someUsers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `u${String(index).padStart(3, '0')}`);

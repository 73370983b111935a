import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../simulator/free-ports.js';
import { FLEET } from './clusters.js';
import type { ClusterAddresses, ClusterKind, RequestCounts } from './cluster-process.js';
import type { Processors } from './processors.js';
import { settle } from './scale.js';
import { writesOf } from './writes.js';
import { BenchController, cpuOfFamily } from './controller.js';

/** Everybody who may spawn in a benchmark; `bench-0` to `bench-<n-1>`, tokens `<name>-token`. */
export const benchUser = (index: number): string => `bench-${String(index)}`;

export const benchUsers = (from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => benchUser(from + index));

export interface ConfigParts {
  readonly config: string;
  readonly berth: string;
}

interface Place {
  readonly folder: string;
  /** Berth's own section of the configuration, when it lists so many users. */
  readonly section: (users: number) => string;
  /** Everybody. */
  readonly users: number;
  readonly ports: { readonly api: number; readonly metrics: number };
  readonly addresses: ClusterAddresses;
}

/** The built controller on an embedded cluster, each in a process of its own. */
export class BenchPlatform {
  readonly url: string;
  readonly addresses: ClusterAddresses;

  /** What the metrics of the running controller said when `counts` was called last. */
  private counted: ReadonlyMap<string, number> = new Map();

  private constructor(
    private readonly cluster: ChildProcess,
    private readonly kind: ClusterKind,
    private readonly place: Place,
    private berth: BenchController,
  ) {
    this.url = `http://127.0.0.1:${String(place.ports.api)}`;
    this.addresses = place.addresses;
  }

  /** `parts` are added to the configuration file, and to Berth's own section. With `processors`, the cluster has its own. */
  static async start(
    users: number,
    kind: ClusterKind,
    parts: ConfigParts = { config: '', berth: '' },
    processors?: Processors,
  ): Promise<BenchPlatform> {
    const cluster = fork(
      fileURLToPath(new URL('cluster-process.js', import.meta.url)),
      [kind, String(users)],
      processors && { execPath: 'taskset', execArgv: ['--cpu-list', processors.cluster, process.execPath] },
    );
    const [addresses] = (await once(cluster, 'message')) as [ClusterAddresses];
    const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
    const [api = 0, metrics = 0] = await freePorts(2);
    const ports = { api, metrics };
    const config = configOf(addresses, kind === 'fleet' ? ALL_WEEKLIES : '') + parts.config;
    await writeFile(join(folder, 'config.yaml'), config);
    const section = (listed: number): string => berthSection(listed, ports.metrics) + parts.berth;
    await writeFile(join(folder, 'berth.yaml'), section(users));
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify(addresses.kubeconfig));
    const place = { folder, section, users, ports, addresses };
    return new BenchPlatform(cluster, kind, place, await startController(place));
  }

  get controller(): BenchController {
    return this.berth;
  }

  /** Ends the controller without warning and starts it again; resolves when it is ready. */
  async restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.berth.stop();
    await meanwhile();
    this.berth = await startController(this.place);
    this.counted = new Map();
  }

  /** How many users the configuration lists from the next start on; all of them by default. Each costs a start and memory. */
  async list(users = this.place.users): Promise<void> {
    await writeFile(join(this.place.folder, 'berth.yaml'), this.place.section(users));
  }

  /** Requests to the API server since the last call; a real one does not tell whose, so that there we have but Berth's word for its own. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    if (this.isReal) return this.ownCounts();
    this.cluster.send('count');
    const [message] = (await once(this.cluster, 'message')) as [RequestCounts];
    return message.counts;
  }

  get isReal(): boolean {
    return this.kind.startsWith('real');
  }

  private async ownCounts(): Promise<Readonly<Record<string, number>>> {
    const before = this.counted;
    this.counted = await this.berth.requests();
    const news = Array.from(this.counted, ([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
    return Object.fromEntries(news.flatMap(([key, count]) => (count > 0 ? [[`berth ${key}`, count]] : [])));
  }

  /** Resolves when the controller has written nothing for two seconds: what it prepulls at start is no part of a spawn. */
  async settled(): Promise<void> {
    await this.counts();
    do await settle(2_000);
    while (writesOf('berth', await this.counts()) > 0);
  }

  /** CPU time of the cluster so far, in milliseconds: of its process and of those that it started. */
  clusterCpuMs(): Promise<number> {
    return cpuOfFamily(this.cluster.pid);
  }

  async close(): Promise<void> {
    await this.berth.stop();
    this.cluster.disconnect();
    await once(this.cluster, 'exit');
    await rm(this.place.folder, { recursive: true, force: true });
  }
}

function startController({ folder, ports, addresses }: Place): Promise<BenchController> {
  const env = {
    KUBECONFIG: join(folder, 'kubeconfig'),
    BERTH_CONFIG: join(folder, 'config.yaml'),
    BERTH_EXTRA_CONFIG: join(folder, 'berth.yaml'),
    BERTH_INSTALL_CRDS: 'true',
    REPERTOIRE_BASE_URL: addresses.repertoireUrl,
    NUBLADO_CONTROLLER_REPOSITORY: 'berth/utility',
    NUBLADO_CONTROLLER_TAG: '0.1.0',
  };
  return BenchController.start(env, ports);
}

/** Keeps every image of the registry of a fleet. */
const ALL_WEEKLIES = `
  numReleases: 0
  numDailies: 0
  numWeeklies: ${String(FLEET.images)}`;

/** Lines are written as an operator would have them, one a request and one a record; nobody reads them here. */
const configOf = ({ registryHost, repository }: ClusterAddresses, images: string): string => `
logLevel: INFO
images:
  source: { type: docker, registry: '${registryHost}', repository: ${repository} }
  dockerCredentialsPath: null${images}
fsadmin: {}
lab:
  namespacePrefix: userlabs
  sizes:
    - { size: small, resources: { limits: { cpu: 0.1, memory: 256Mi }, requests: { cpu: 0.01, memory: 16Mi } } }
  volumes: [{ name: home, source: { type: hostPath, path: /home } }]
  volumeMounts: [{ containerPath: /home, volumeName: home }]
`;

function berthSection(users: number, metricsPort: number): string {
  const people = benchUsers(0, users).map(
    (name, index) =>
      `        - { username: ${name}, uid: ${String(10_000 + index)}, gid: 100, token: ${name}-token }`,
  );
  return `
berth:
  metrics: { host: 127.0.0.1, port: ${String(metricsPort)} }
  auth:
    provider: development
    development:
      users:
        - { username: hub, uid: 9001, gid: 9001, roles: [hub], token: hub-token }
        - { username: admin, uid: 9002, gid: 9002, roles: [admin], token: admin-token }
${people.join('\n')}
`;
}

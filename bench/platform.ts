import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { freePorts } from '../test/cluster/harness/ports.js';
import type { ClusterAddresses, RequestCounts } from './cluster-process.js';

// Compiled to `.build/bench/`.
const root = fileURLToPath(new URL('../..', import.meta.url));
const TICKS_PER_SECOND = 100;

/** Everybody who may spawn in a benchmark; `bench-0` to `bench-<n-1>`, tokens `<name>-token`. */
export const benchUser = (index: number): string => `bench-${String(index)}`;

/** The built controller on an embedded cluster in a process of its own. */
export class BenchPlatform {
  readonly url: string;

  private constructor(
    private readonly processes: { readonly cluster: ChildProcess; readonly berth: ChildProcess },
    private readonly folder: string,
    readonly addresses: ClusterAddresses,
    private readonly ports: { readonly api: number; readonly metrics: number },
  ) {
    this.url = `http://127.0.0.1:${ports.api}`;
  }

  static async start(users: number): Promise<BenchPlatform> {
    const cluster = fork(fileURLToPath(new URL('cluster-process.js', import.meta.url)));
    const [addresses] = (await once(cluster, 'message')) as [ClusterAddresses];
    const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
    const [port = 0, metricsPort = 0] = await freePorts(2);
    await writeFile(join(folder, 'config.yaml'), configOf(addresses));
    await writeFile(join(folder, 'berth.yaml'), berthSection(users, metricsPort));
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify(addresses.kubeconfig));
    const berth = spawn(process.execPath, [join(root, 'dist', 'main.js'), 'serve'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env.PATH,
        KUBECONFIG: join(folder, 'kubeconfig'),
        BERTH_CONFIG: join(folder, 'config.yaml'),
        BERTH_EXTRA_CONFIG: join(folder, 'berth.yaml'),
        BERTH_HOST: '127.0.0.1',
        BERTH_PORT: String(port),
        BERTH_INSTALL_CRDS: 'true',
        REPERTOIRE_BASE_URL: addresses.repertoireUrl,
        NUBLADO_CONTROLLER_REPOSITORY: 'berth/utility',
        NUBLADO_CONTROLLER_TAG: '0.1.0',
      },
    });
    const platform = new BenchPlatform({ cluster, berth }, folder, addresses, {
      api: port,
      metrics: metricsPort,
    });
    await platform.ready();
    return platform;
  }

  /** Requests to the API server since the last call. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    this.processes.cluster.send('count');
    const [message] = (await once(this.processes.cluster, 'message')) as [RequestCounts];
    return message.counts;
  }

  /** CPU time of the controller so far, in milliseconds. */
  async cpuMs(): Promise<number> {
    const stat = await readFile(`/proc/${String(this.processes.berth.pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
  }

  /** Resident memory of the controller, in MiB. */
  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${String(this.processes.berth.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
  }

  /** One figure of the controller's own metrics; undefined if it has none of that name. */
  async metric(name: string): Promise<number | undefined> {
    const answer = await request(`http://127.0.0.1:${this.ports.metrics}/metrics`);
    const line = (await answer.body.text()).split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  }

  async close(): Promise<void> {
    this.processes.berth.kill('SIGKILL');
    if (this.processes.berth.exitCode === null && this.processes.berth.signalCode === null)
      await once(this.processes.berth, 'exit');
    this.processes.cluster.disconnect();
    await once(this.processes.cluster, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (let tries = 0; tries < 600; tries += 1) {
      if (this.processes.berth.exitCode !== null)
        throw new Error('Berth ended before it was ready; its words are above.');
      const answer = await request(`${this.url}/health/ready`).catch(() => undefined);
      await answer?.body.dump();
      if (answer?.statusCode === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('Berth was not ready within 30 seconds.');
  }
}

const configOf = ({ registryHost, repository }: ClusterAddresses): string => `
logLevel: WARNING
images:
  source: { type: docker, registry: '${registryHost}', repository: ${repository} }
  dockerCredentialsPath: null
fsadmin: {}
lab:
  namespacePrefix: userlabs
  sizes:
    - { size: small, resources: { limits: { cpu: 0.1, memory: 256Mi }, requests: { cpu: 0.01, memory: 16Mi } } }
  volumes: [{ name: home, source: { type: hostPath, path: /home } }]
  volumeMounts: [{ containerPath: /home, volumeName: home }]
`;

function berthSection(users: number, metricsPort: number): string {
  const people = Array.from(
    { length: users },
    (_, index) =>
      `{ username: ${benchUser(index)}, uid: ${String(10_000 + index)}, gid: 100, groups: [{ name: people, id: 100 }], token: ${benchUser(index)}-token }`,
  );
  return `
berth:
  metrics: { host: 127.0.0.1, port: ${String(metricsPort)} }
  auth:
    provider: development
    development:
      users:
        - { username: hub, uid: 9001, gid: 9001, roles: [hub], token: hub-token }
${people.map((person) => `        - ${person}`).join('\n')}
`;
}

import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { writeAuditPolicy } from './audit.js';
import { binaryOf, type Program } from './build.js';
import { argumentsOf, dataOf, kubeconfigFile, type CommandFacts, type Limits } from './commands.js';
import {
  CONTROLLER_MANAGER,
  kubeconfigOf,
  readAuthority,
  SCHEDULER,
  writeCredentials,
  type Tokens,
} from './credentials.js';
import { freePorts } from '../../../simulator/free-ports.js';
import { ClusterProblem } from './problem.js';
import { end, lastWords, launch, runs, type Launch, type Recorded } from './processes.js';
import { endCluster, writeState } from './state.js';

/** A healthy machine takes four seconds; a busy one may take a while. */
const PATIENCE_MS = 120_000;

const PROGRAMS: readonly Program[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

export interface ControlPlaneOptions {
  /** A folder that does not exist yet; everything of this cluster lies in it. */
  readonly folder: string;
  readonly users: readonly string[];
  readonly audit: boolean;
  readonly limits: Limits;
  /** Nobody's child: it lives until somebody ends it by its folder. */
  readonly isDetached: boolean;
}

/** etcd, API server, controller manager and scheduler of one cluster, all on loopback. */
export class ControlPlane {
  readonly url: string;
  private readonly processes: Recorded[] = [];
  private authority = '';

  private constructor(
    private readonly options: ControlPlaneOptions,
    private readonly facts: CommandFacts,
    readonly tokens: Tokens,
  ) {
    this.url = `https://127.0.0.1:${String(facts.ports.api)}`;
  }

  /** Starts it and resolves when pods can be made. What was started is ended again if anything goes wrong. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { folder, users, audit, limits } = options;
    await mkdir(join(folder, 'certs'), { recursive: true, mode: 0o700 });
    writeState(folder, [], options.isDetached);
    const [etcd = 0, etcdPeer = 0, api = 0, controllerManager = 0, scheduler = 0] = await freePorts(5);
    const ports = { etcd, etcdPeer, api, controllerManager, scheduler };
    const tokens = await writeCredentials(folder, users);
    if (audit) await writeAuditPolicy(folder);
    const plane = new ControlPlane(options, { folder, ports, limits, audit }, tokens);
    if (!options.isDetached) process.once('exit', plane.lastResort);
    try {
      await plane.startAll();
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  get folder(): string {
    return this.options.folder;
  }

  /** PEM of the authority behind the API server's certificate. */
  get ca(): string {
    return this.authority;
  }

  /** Starts one more process that belongs to this cluster and ends with it. */
  add(process_: Omit<Launch, 'folder'>): void {
    this.processes.push(launch({ ...process_, folder: this.folder }));
    writeState(this.folder, this.processes, this.options.isDetached);
  }

  /** Ends the processes, the newest first, and deletes the folder. */
  async stop(): Promise<void> {
    await endCluster(this.folder, this.processes);
    process.off('exit', this.lastResort);
  }

  /** Copies what etcd holds. It stands still meanwhile; the API server waits for it. */
  async save(): Promise<void> {
    await this.halt(['etcd']);
    await cp(this.data, this.saved, { recursive: true, force: true });
    await this.startEtcd();
    await this.answers('kube-apiserver', `${this.url}/readyz`);
  }

  /** All of it starts anew with what was copied, as after the loss of a disk: also etcd's revisions go back. */
  async restore(): Promise<void> {
    await this.halt(PROGRAMS);
    await rm(this.data, { recursive: true });
    await cp(this.saved, this.data, { recursive: true });
    await this.startAll();
  }

  private get data(): string {
    return dataOf(this.folder);
  }

  private get saved(): string {
    return `${this.data}-saved`;
  }

  private async halt(programs: readonly Program[]): Promise<void> {
    const halted = this.processes.filter(({ name }) => programs.some((program) => program === name));
    for (const each of halted.reverse()) {
      await end(this.folder, each);
      this.processes.splice(this.processes.indexOf(each), 1);
    }
  }

  /** For a process that ends without having stopped its cluster. The folder is left to the next start. */
  private readonly lastResort = (): void => {
    for (const each of this.processes) if (runs(this.folder, each)) process.kill(each.pid, 'SIGKILL');
  };

  private async startAll(): Promise<void> {
    await this.startEtcd();
    this.run('kube-apiserver');
    await this.until('kube-apiserver', async () => {
      this.authority = await readAuthority(this.folder);
      return this.authority.includes('END CERTIFICATE');
    });
    await this.answers('kube-apiserver', `${this.url}/readyz`);
    for (const user of [CONTROLLER_MANAGER, SCHEDULER]) await this.writeKubeconfig(user);
    this.run('kube-controller-manager');
    this.run('kube-scheduler');
    // A pod made before its namespace has this account is refused.
    await this.answers(
      'kube-controller-manager',
      `${this.url}/api/v1/namespaces/default/serviceaccounts/default`,
    );
  }

  private async startEtcd(): Promise<void> {
    this.run('etcd');
    await this.answers('etcd', `http://127.0.0.1:${String(this.facts.ports.etcd)}/health`);
  }

  private run(program: Program): void {
    this.add({ name: program, command: binaryOf(program), args: argumentsOf[program](this.facts) });
  }

  private async writeKubeconfig(user: string): Promise<void> {
    const { url, ca, folder, tokens } = this;
    const config = kubeconfigOf({ url, ca, user, token: tokens[user] ?? '', namespace: 'kube-system' });
    await writeFile(kubeconfigFile(folder, user), JSON.stringify(config), { mode: 0o600 });
  }

  private async answers(program: Program, url: string): Promise<void> {
    const dispatcher = new Agent({ connect: this.authority === '' ? {} : { ca: this.authority } });
    try {
      await this.until(program, async () => {
        const headers = { authorization: `Bearer ${this.tokens.admin ?? ''}` };
        const answer = await request(url, { dispatcher, headers, headersTimeout: 5_000 });
        await answer.body.dump();
        return answer.statusCode === 200;
      });
    } finally {
      await dispatcher.destroy();
    }
  }

  private async until(program: Program, isReady: () => Promise<boolean>): Promise<void> {
    const limit = performance.now() + PATIENCE_MS;
    while (!(await isReady().catch(() => false))) {
      const process_ = this.processes.find(({ name }) => name === program);
      if (process_ && !runs(this.folder, process_)) await this.giveUp(program, 'ended while it started');
      if (performance.now() > limit) await this.giveUp(program, 'was not ready after two minutes');
      await sleep(50);
    }
  }

  private async giveUp(program: Program, what: string): Promise<never> {
    throw new ClusterProblem(`${program} ${what}:\n${await lastWords(this.folder, program)}`);
  }
}

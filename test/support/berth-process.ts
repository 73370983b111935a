import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { freePorts } from '../../simulator/free-ports.js';

export interface BerthFiles {
  /** A Nublado configuration file's text. */
  readonly config: string;
  /** Our own section, as the second file's text; METRICS_PORT and BERTH_PORT in it stand for the process's ports. */
  readonly extra: string;
  readonly kubeconfig: object;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The real built process with its files in a folder of its own; may be killed and started again as often as wanted. */
export class BerthProcess {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly port: number,
  ) {}

  static async prepare(files: BerthFiles): Promise<BerthProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'berth-'));
    const [port = 0, metricsPort = 0] = await freePorts(2);
    await writeFile(join(folder, 'config.yaml'), files.config);
    const extra = files.extra
      .replace('METRICS_PORT', String(metricsPort))
      .replace('BERTH_PORT', String(port));
    await writeFile(join(folder, 'berth.yaml'), extra);
    await writeFile(join(folder, 'kubeconfig'), JSON.stringify(files.kubeconfig));
    const environment = {
      PATH: process.env.PATH,
      KUBECONFIG: join(folder, 'kubeconfig'),
      BERTH_CONFIG: join(folder, 'config.yaml'),
      BERTH_EXTRA_CONFIG: join(folder, 'berth.yaml'),
      BERTH_HOST: '127.0.0.1',
      BERTH_PORT: String(port),
      BERTH_INSTALL_CRDS: 'true',
      ...files.environment,
    };
    return new BerthProcess(folder, environment, port);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Everything that the process printed so far, over all its lives. */
  get log(): string {
    return this.output;
  }

  /** Starts the process and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [resolve('dist/main.js'), 'serve'], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    while (!(await this.isReady())) {
      if (child.exitCode !== null)
        throw new Error(`Berth ended with ${String(child.exitCode)}:\n${this.output}`);
      await new Promise((done) => setTimeout(done, 25));
    }
  }

  /** Ends the process as a power cut would. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** Stops the process in the middle of whatever it does, as a host that is out of memory or a paused machine would. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  /** Lets a frozen process go on as if nothing had been. */
  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Asks the process to end and resolves with its exit code. */
  async terminate(): Promise<number | null> {
    this.child?.kill('SIGTERM');
    return this.ended();
  }

  async ended(): Promise<number | null> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  async dispose(): Promise<void> {
    this.kill();
    await this.ended();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async isReady(): Promise<boolean> {
    try {
      const answer = await request(`${this.url}/health/ready`, { headersTimeout: 2_000 });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }
}

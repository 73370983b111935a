import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';

// Compiled to `.build/bench/`.
const root = fileURLToPath(new URL('../..', import.meta.url));
const TICKS_PER_SECOND = 100;
/** `npm start`, which is how it is meant to run: `node`, its flags, and the file. */
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: { readonly start: string };
};
const START = scripts.start.split(' ').slice(1);

/** CPU time that a process has taken so far, in milliseconds. */
export async function cpuOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** The same of a process and all that descend from it. */
export async function cpuOfFamily(pid: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  const each = children.split(' ').filter((child) => child !== '');
  const theirs = await Promise.all(each.map((child) => cpuOfFamily(Number(child))));
  return theirs.reduce((sum, one) => sum + one, await cpuOf(pid));
}

/** The built controller, in a process of its own. */
export class BenchController {
  private constructor(
    private readonly process: ChildProcess,
    private readonly url: string,
    private readonly metricsUrl: string,
  ) {}

  /** Resolves when it is ready. `BENCH_NODE_OPTIONS` are given to its Node, for a profile. */
  static async start(
    env: Readonly<Record<string, string>>,
    ports: { readonly api: number; readonly metrics: number },
  ): Promise<BenchController> {
    const { PATH, BENCH_NODE_OPTIONS = '' } = process.env;
    const nodeOptions = BENCH_NODE_OPTIONS.split(' ').filter((option) => option !== '');
    const child = spawn(process.execPath, [...nodeOptions, ...START, 'serve'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH,
        ...env,
        BERTH_HOST: '127.0.0.1',
        BERTH_PORT: String(ports.api),
      },
    });
    const controller = new BenchController(
      child,
      `http://127.0.0.1:${String(ports.api)}`,
      `http://127.0.0.1:${String(ports.metrics)}`,
    );
    await controller.ready();
    return controller;
  }

  cpuMs(): Promise<number> {
    return cpuOf(this.process.pid);
  }

  /** Resident memory, in MiB. */
  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${String(this.process.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
  }

  /** One figure of its own metrics; undefined if it has none of that name. */
  async metric(name: string): Promise<number | undefined> {
    const line = (await this.metrics()).find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  }

  /** Its requests to the API server so far, by `<verb> <resource>`, as its own metrics count them. */
  async requests(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const line of await this.metrics()) {
      const [, labels = '', value] = /^berth_kubernetes_requests_total\{(.*)\} (\d+)$/.exec(line) ?? [];
      if (value === undefined) continue;
      const label = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      const sub = label('subresource');
      const key = `${label('verb')} ${label('resource')}${sub === '' ? '' : `/${sub}`}`;
      counts.set(key, (counts.get(key) ?? 0) + Number(value));
    }
    return counts;
  }

  /** Ends it without warning; in its own time when a profile is to be written. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill(process.env.BENCH_NODE_OPTIONS === undefined ? 'SIGKILL' : 'SIGTERM');
    await once(this.process, 'exit');
  }

  /** Its metrics, line by line. */
  private async metrics(): Promise<readonly string[]> {
    const answer = await request(`${this.metricsUrl}/metrics`);
    return (await answer.body.text()).split('\n');
  }

  private async ready(): Promise<void> {
    for (let tries = 0; tries < 3_000; tries += 1) {
      if (this.process.exitCode !== null)
        throw new Error('Berth ended before it was ready; its words are above.');
      const answer = await request(`${this.url}/health/ready`).catch(() => undefined);
      await answer?.body.dump();
      if (answer?.statusCode === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('Berth was not ready within 60 seconds.');
  }
}

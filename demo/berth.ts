import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { request } from 'undici';

/** A problem that the person at the terminal can do something about: one sentence, no stack trace. */
export class DemoProblem extends Error {}

export interface BerthLaunch {
  readonly root: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Readiness is asked here. */
  readonly healthUrl: string;
}

/** Refuses a port that somebody else listens on, and says how to choose another. */
export async function claimPort(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    throw new DemoProblem(
      `Port ${String(port)} is in use, perhaps by another demo; choose another with \`npm run demo -- --port PORT\`.`,
    );
  }
  server.close();
  await once(server, 'close');
}

/** What the controller logs once both its ports are its own. */
const LISTENS = '"message":"listening"';

/** The built controller as a child process, as an operator would run it. */
export class BerthChild {
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly log: readonly string[],
  ) {
    this.ended = once(child, 'exit');
  }

  static async start({ root, port, environment, healthUrl }: BerthLaunch): Promise<BerthChild> {
    const log: string[] = [];
    const lifeline = pathToFileURL(join(root, 'simulator', 'lifeline.mjs')).href;
    const main = join(root, 'dist', 'main.js');
    const child = spawn(process.execPath, ['--import', lifeline, main, 'serve', '--port', String(port)], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: 'pipe',
    });
    const keep = (chunk: Buffer): void => {
      log.push(chunk.toString());
      if (log.length > 200) log.shift();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // Nothing of the demo may outlive it, however it ends; where it is killed the lifeline tells the child.
    process.once('exit', () => child.kill('SIGKILL'));
    const berth = new BerthChild(child, port, log);
    await berth.ready(healthUrl);
    return berth;
  }

  /** SIGTERM, then the exit code; killed if it takes longer than its longest drain. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 80_000);
    await this.ended;
    clearTimeout(killer);
    return this.child.exitCode;
  }

  private async ready(url: string): Promise<void> {
    let listens = false;
    for (let tries = 0; tries < 600; tries += 1) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) await this.explainEnd();
      // Before, whoever answers on that port is somebody else: a demo that was started at the same moment.
      listens ||= this.log.join('').includes(LISTENS);
      const answer = listens ? await request(url).catch(() => undefined) : undefined;
      await answer?.body.dump();
      if (answer?.statusCode === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new DemoProblem(`Berth was not ready within 30 seconds:\n${this.log.join('')}`);
  }

  /** The port was free when we looked, and somebody else's when the child wanted it; or it is something else. */
  private async explainEnd(): Promise<never> {
    await claimPort(this.port);
    throw new DemoProblem(`Berth did not start:\n${this.log.join('')}`);
  }
}

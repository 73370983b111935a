import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** How a container ended. */
export interface Ending {
  exitCode: number;
  reason: string;
  /** The end of its output. */
  lastWords?: string;
}

const keptOutput = 2048;
const signals: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** A free port of 127.0.0.1. Another program may take it before it is used; then the process ends and is restarted. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody accepts connections there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

/** A container that is a child process of this machine. */
export class ContainerProcess {
  private output = '';

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    readonly ended: Promise<Ending>,
  ) {}

  /**
   * Starts it with exactly `environment`, the search path and `PORT`, a free port to listen on. What it mounts is below
   * `root`, which it is told as `ROOT`, and which goes when it ends.
   */
  static async start(
    what: { command: string; args?: string[] },
    environment: Record<string, string>,
    root?: string,
  ): Promise<ContainerProcess> {
    const port = await freePort();
    const own = { PORT: String(port), ...(root !== undefined && { ROOT: root }) };
    const env = { PATH: process.env['PATH'], ...environment, ...own };
    // Nothing is written to its standard input: by its end a program may know that we are gone (`simulator/lifeline.mjs`).
    const child = spawn(what.command, what.args ?? [], { env, stdio: 'pipe' });
    let self: ContainerProcess | undefined = undefined;
    const ended = new Promise<Ending>((resolve) => {
      const end = (exitCode: number, words: string): void => {
        if (root !== undefined) rmSync(root, { recursive: true, force: true });
        resolve({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', lastWords: words });
      };
      child.once('error', (error) => end(127, error.message));
      child.once('close', (code, signal) =>
        end(code ?? 128 + (signals[signal ?? ''] ?? 0), self?.output.trimEnd() ?? ''),
      );
    });
    self = new ContainerProcess(port, child, ended);
    self.collect();
    return self;
  }

  /** SIGTERM, and SIGKILL when `graceMs` has passed. */
  async terminate(graceMs: number): Promise<Ending> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    const ending = await this.ended;
    clearTimeout(timer);
    return ending;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private collect(): void {
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString('utf8')).slice(-keptOutput);
      });
  }
}

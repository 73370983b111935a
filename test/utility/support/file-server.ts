import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inject, onTestFinished } from 'vitest';
import { freePorts } from '../../../simulator/free-ports.js';
import { NOBODYS_ID } from './folder.js';
import { isRoot } from './tools.js';

export interface FileServerOptions {
  readonly folder: string;
  readonly base?: string;
  readonly idleSeconds?: number;
  readonly env?: Readonly<Record<string, string>>;
}

interface Started extends Pick<FileServer, 'url' | 'lines' | 'ended'> {
  readonly process: ChildProcess;
}

/** A WebDAV server as a process: no environment but its own, and a uid that nobody has if we may choose one. */
export class FileServer {
  readonly url: string;
  readonly lines: readonly string[];
  /** Resolves to the exit code, or to the name of the signal that killed it. */
  readonly ended: Promise<number | string>;
  private readonly process: ChildProcess;

  private constructor(started: Started) {
    this.url = started.url;
    this.lines = started.lines;
    this.ended = started.ended;
    this.process = started.process;
  }

  /** Resolves when it listens; ended with the test at the latest. */
  static async start({
    folder,
    base = '',
    idleSeconds = 600,
    env = {},
  }: FileServerOptions): Promise<FileServer> {
    const [port = 0] = await freePorts(1);
    const child = spawn(join(inject('utilityProgram').folder, 'worblehat'), [], {
      cwd: '/',
      env: {
        WORBLEHAT_BASE_HREF: base,
        WORBLEHAT_DIR: folder,
        WORBLEHAT_PORT: String(port),
        WORBLEHAT_TIMEOUT: String(idleSeconds),
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(isRoot() ? { uid: NOBODYS_ID, gid: NOBODYS_ID } : {}),
    });
    const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const lines: string[] = [];
    const output = createInterface({ input: child.stderr });
    output.on('line', (line) => lines.push(line));
    await Promise.race([once(output, 'line'), ended]);
    return new FileServer({ process: child, url: `http://127.0.0.1:${port}${base}`, lines, ended });
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** The most memory that it ever had resident, in MiB (proc(5), VmHWM). */
  peakMiB(): number {
    const status = readFileSync(`/proc/${String(this.process.pid)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}

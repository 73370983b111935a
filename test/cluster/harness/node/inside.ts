import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { Relay } from './relay.js';
import { NODE_ADDRESS } from './settings.js';

const run = promisify(execFile);
const ENTER = 'nsenter';

/** A running node, found by the folder of its cluster; usable from any process of this machine. */
export class NodeHandle {
  private readonly folder: string;

  constructor(clusterFolder: string) {
    this.folder = join(clusterFolder, 'node');
  }

  /** Stops the kubelet in the middle of whatever it does, as a node does that is cut off: its containers go on. */
  freeze(): void {
    process.kill(this.kubelet(), 'SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    process.kill(this.kubelet(), 'SIGCONT');
  }

  /** Runs a program in the node's mounts and network, where pods can be reached; resolves with what it printed. */
  async enter(command: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run(ENTER, [...this.place(), command, ...args], { timeout: 60_000 });
    return stdout;
  }

  /** Starts a program there; its input and output are pipes, its errors the suite's. */
  start(command: string, ...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
    return spawn(ENTER, [...this.place(), command, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Lets pods reach a port of this machine's loopback, at the node's address; resolves with how to end that. */
  async expose(port: number): Promise<() => Promise<void>> {
    const socket = join(this.folder, 'relay', `to-${port}`);
    const relay = await Relay.start({ socket, port });
    const listen = `TCP-LISTEN:${port},bind=${NODE_ADDRESS},fork,reuseaddr`;
    const listener = this.start('socat', listen, `UNIX-CONNECT:${socket}`);
    return async () => {
      listener.kill();
      await relay.stop();
    };
  }

  private place(): readonly string[] {
    return ['-t', String(this.pidOf('containerd')), '--mount', '--net'];
  }

  private kubelet(): number {
    return this.pidOf('kubelet');
  }

  /** Known by the configuration file in its command line, which is of this node alone. */
  private pidOf(program: 'kubelet' | 'containerd'): number {
    const suffix = program === 'kubelet' ? 'kubelet.json' : 'containerd.toml';
    const pid = readdirSync('/proc').find((each) => {
      if (!/^\d+$/.test(each) || !existsSync(`/proc/${each}/cmdline`)) return false;
      return commandLine(each).some((word) => word.endsWith(join(this.folder, suffix)));
    });
    if (pid === undefined) throw new Error(`no ${program} of ${this.folder} runs`);
    return Number(pid);
  }
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // Ended between the look and the reading.
    return [];
  }
}

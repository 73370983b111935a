import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
    const place = ['-t', String(this.pidOf('containerd')), '--mount', '--net'];
    const { stdout } = await run('nsenter', [...place, command, ...args], { timeout: 60_000 });
    return stdout;
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

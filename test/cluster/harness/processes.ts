import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process may take to obey SIGTERM before it is killed. Its data are thrown away anyway. */
const PATIENCE_MS = 10_000;

/** A process of ours, remembered so that a later life of the harness can end it. */
export interface Recorded {
  readonly name: string;
  readonly pid: number;
  /** Asked to end it would stay: it is ended at once. */
  readonly isKilled?: boolean;
}

/** One process to be started. One of its arguments must name `folder`: by that it is known again. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly isKilled?: boolean;
}

/** Starts it in a group of its own, so that Ctrl-C leaves the order of stopping to us; its output goes to a file. */
export function launch({ name, command, args, folder, isKilled }: Launch): Recorded {
  const log = openSync(logOf(folder, name), 'a');
  try {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', log, log], detached: true });
    if (child.pid === undefined) throw new Error(`${command} could not be started`);
    child.unref();
    return { name, pid: child.pid, ...(isKilled ? { isKilled } : {}) };
  } finally {
    closeSync(log);
  }
}

const logOf = (folder: string, name: string): string => join(folder, `${name}.log`);

/** The end of what a process said. */
export async function lastWords(folder: string, name: string): Promise<string> {
  const text = await readFile(logOf(folder, name), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

/** Whether the process runs and is ours. Ended ones may stay as zombies, whose command line is empty. */
export function runs(folder: string, { pid }: Recorded): boolean {
  return commandLine(pid).includes(folder);
}

/** Ends a process of ours and resolves when it is gone. A pid that meanwhile is somebody else's is left alone. */
export async function end(folder: string, process_: Recorded): Promise<void> {
  if (!runs(folder, process_)) return;
  signal(process_.pid, process_.isKilled ? 'SIGKILL' : 'SIGTERM');
  const limit = performance.now() + PATIENCE_MS;
  let killed = false;
  while (runs(folder, process_)) {
    if (!killed && performance.now() > limit) {
      signal(process_.pid, 'SIGKILL');
      killed = true;
    }
    await sleep(20);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone between the look and the signal.
  }
}

/** Tells a process from a later one with the same pid: when it was started, in a form that only compares. */
export function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the start time is the 20th field after it (proc(5)).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return askPs(pid, 'lstart=') || undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return askPs(pid, 'command=');
  }
}

/** For systems without /proc; an empty answer means that there is no such process. */
function askPs(pid: number, column: string): string {
  if (process.platform === 'linux') return '';
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

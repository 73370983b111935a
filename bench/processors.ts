import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Two sets of processors, as `taskset` of util-linux takes them. */
export interface Processors {
  readonly cluster: string;
  readonly others: string;
}

/**
 * Keeps this process, and what it starts from now on, off the processors that are left to the cluster: on a cluster of one's
 * own Berth and the control plane share none. Undefined where there is but one, or no `taskset`: all share what there is.
 */
export function divideProcessors(): Processors | undefined {
  const all = allowed();
  const half = Math.ceil(all.length / 2);
  const divided = { cluster: all.slice(0, half).join(','), others: all.slice(half).join(',') };
  if (divided.others === '') return undefined;
  const pinned = ['--all-tasks', '--pid', '--cpu-list', divided.others, String(process.pid)];
  return spawnSync('taskset', pinned).status === 0 ? divided : undefined;
}

/** Those that this process may run on, which are not all of the machine's in a container. */
function allowed(): readonly number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

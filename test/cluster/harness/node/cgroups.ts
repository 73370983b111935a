import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';

/** What a kubelet wants to account for; all that the machine has of it is used. */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd'];

/** A kubelet counts and limits these; without one of them it does not start. */
const NEEDED = ['cpu', 'cpuset', 'memory', 'pids'];

/** The group below which everything of a node runs, told from other nodes by the cluster's folder. */
export const cgroupOf = (clusterFolder: string): string => `berth-${basename(clusterFolder)}`;

const isUnified = (): boolean => existsSync(join(ROOT, 'cgroup.controllers'));

function hierarchies(): readonly string[] {
  if (isUnified()) return [ROOT];
  return CONTROLLERS.map((each) => join(ROOT, each)).filter((each) => existsSync(join(each, 'tasks')));
}

/** Why there can be no node here, for want of cgroups; undefined where nothing is wanting. */
export async function missingCgroups(): Promise<string | undefined> {
  const found = isUnified()
    ? (await readFile(join(ROOT, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    : NEEDED.filter((each) => existsSync(join(ROOT, each, 'tasks')));
  const missing = NEEDED.filter((each) => !found.includes(each));
  if (missing.length > 0) return `the cgroups ${missing.join(', ')} are not mounted at ${ROOT}`;
  const trial = join(hierarchies()[0] ?? ROOT, `berth-trial-${process.pid}`);
  try {
    await mkdir(trial);
    await rmdir(trial);
    return undefined;
  } catch (error) {
    return `no cgroup can be made: ${(error as Error).message}`;
  }
}

/** Makes a node's group in every hierarchy: a kubelet refuses a root that is not there. */
export async function makeCgroups(group: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const path = join(hierarchy, group);
    await mkdir(path, { recursive: true });
    if (isUnified()) await delegate(hierarchy, path);
    else if (hierarchy.endsWith('cpuset')) await inherit(hierarchy, path);
  }
}

async function delegate(parent: string, path: string): Promise<void> {
  const wanted = NEEDED.map((each) => `+${each}`).join(' ');
  for (const each of [parent, path]) await writeFile(join(each, 'cgroup.subtree_control'), wanted);
}

/** A new cpuset may use nothing, and no process can enter it. */
async function inherit(parent: string, path: string): Promise<void> {
  for (const name of ['cpuset.cpus', 'cpuset.mems'])
    await writeFile(join(path, name), await readFile(join(parent, name), 'utf8'));
}

/**
 * Removes what a node left, once its processes are gone; in each hierarchy, because runc makes groups in more of them
 * than a kubelet wants. A group that is still in use is tried for two seconds.
 */
export async function removeCgroups(group: string): Promise<void> {
  if (!existsSync(ROOT)) return;
  const below = (await readdir(ROOT)).map((each) => join(ROOT, each, group));
  for (const path of [join(ROOT, group), ...below]) await removeTree(path);
}

async function removeTree(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const child of await readdir(path, { withFileTypes: true }))
    if (child.isDirectory()) await removeTree(join(path, child.name));
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await sleep(50);
    }
  }
}

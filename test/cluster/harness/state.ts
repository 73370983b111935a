import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupOf, removeCgroups } from './node/cgroups.js';
import { places } from './places.js';
import { end, identityOf, type Recorded } from './processes.js';

interface Owner {
  readonly pid: number;
  readonly identity: string | undefined;
}

/** What is known of a cluster on disk, so that another process can judge and end it. */
interface State {
  /** Who ends the cluster; absent for the person's, which outlives the command that started it. */
  readonly owner?: Owner;
  /** In the order of their start. */
  readonly processes: readonly Recorded[];
}

const stateFile = (folder: string): string => join(folder, 'state.json');

/** Writes down what runs; synchronous, because a crash right after a start must find it written. */
export function writeState(folder: string, processes: readonly Recorded[], isDetached: boolean): void {
  const owner: Owner = { pid: process.pid, identity: identityOf(process.pid) };
  const state: State = isDetached ? { processes } : { owner, processes };
  writeFileSync(stateFile(folder), JSON.stringify(state));
}

/** The processes recorded in a cluster's folder; undefined where there is no cluster. */
export function recordedProcesses(folder: string): readonly Recorded[] | undefined {
  return readState(folder)?.processes;
}

function readState(folder: string): State | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(folder), 'utf8')) as State;
  } catch {
    return undefined;
  }
}

/** Ends a cluster's processes, the newest first, and deletes its folder. */
export async function endCluster(folder: string, processes: readonly Recorded[]): Promise<void> {
  for (const each of [...processes].reverse()) await end(folder, each);
  await removeCgroups(cgroupOf(folder));
  await rm(folder, { recursive: true, force: true });
}

/** Ends the clusters whose owner died without stopping them. Those of living owners and the person's stay. */
export async function endAbandoned(): Promise<void> {
  for (const name of clusterNames()) {
    const folder = join(places.clusters, name);
    const state = readState(folder);
    if (state?.owner && !isAlive(state.owner)) await endCluster(folder, state.processes);
  }
}

function isAlive({ pid, identity }: Owner): boolean {
  const found = identityOf(pid);
  return found !== undefined && found === identity;
}

function clusterNames(): readonly string[] {
  try {
    return readdirSync(places.clusters);
  } catch {
    return [];
  }
}

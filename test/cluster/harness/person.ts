import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectionFromKubeconfig, startActors } from '../../../simulator/actors/index.js';
import { ensureBinaries } from './build.js';
import { ControlPlane } from './control-plane.js';
import { kubeconfigOf } from './credentials.js';
import { places } from './places.js';
import { runs, type Recorded } from './processes.js';
import { endAbandoned, endCluster, recordedProcesses } from './state.js';

/** The one cluster that a person keeps; it outlives the command that started it. */
const folder = join(places.clusters, 'person');
const kubeconfig = join(folder, 'kubeconfig');
const NODES = 3;

type Say = (line: string) => void;

/** Starts the person's cluster unless it is up; says how to use it. */
export async function up(say: Say): Promise<void> {
  await ensureBinaries(say);
  await endAbandoned();
  const known = recordedProcesses(folder);
  if (known && isWhole(known)) {
    say('The cluster is already up.');
    sayHow(say);
    return;
  }
  if (known) {
    say('Parts of an earlier cluster were left behind; they are ended first.');
    await endCluster(folder, known);
  }
  const began = performance.now();
  const plane = await ControlPlane.start({
    folder,
    users: [],
    audit: false,
    limits: 'raised',
    isDetached: true,
  });
  const { url, ca, tokens } = plane;
  const token = tokens.admin ?? '';
  const config = kubeconfigOf({ url, ca, user: 'admin', token, namespace: 'default' });
  await writeFile(kubeconfig, JSON.stringify(config, null, 2), { mode: 0o600 });
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  plane.add({ name: 'kubelets', command: process.execPath, args: [main, 'kubelets', kubeconfig] });
  say(`The cluster is up after ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
  sayHow(say);
}

/** Ends the person's cluster: only processes whose command line names its folder. */
export async function down(say: Say): Promise<void> {
  const known = recordedProcesses(folder);
  if (!known) {
    say('No cluster is up.');
    return;
  }
  await endCluster(folder, known);
  say('The cluster is down; nothing of it is left.');
}

/** Says what runs; answers whether all of it does. */
export function status(say: Say): boolean {
  const known = recordedProcesses(folder);
  if (!known) {
    say('No cluster is up. `npm run cluster -- up` starts one.');
    return false;
  }
  for (const each of known) {
    say(
      `  ${each.name.padEnd(24)} pid ${String(each.pid).padEnd(8)} ${runs(folder, each) ? 'running' : 'ended'}`,
    );
  }
  if (isWhole(known)) sayHow(say);
  else say('The cluster is not whole. `npm run cluster -- up` starts it anew.');
  return isWhole(known);
}

/** Runs the scripted nodes until the process is told to end. */
export async function runKubelets(file: string): Promise<void> {
  const actors = await startActors({
    server: connectionFromKubeconfig(file),
    only: ['kubelets'],
    kubelets: { nodes: NODES },
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await actors.close();
}

/** Four programs and the nodes. */
function isWhole(known: readonly Recorded[]): boolean {
  return known.length === 5 && known.every((each) => runs(folder, each));
}

function sayHow(say: Say): void {
  const kubectl = existsSync(places.kubectl) ? places.kubectl : 'kubectl';
  say(`  export KUBECONFIG=${kubeconfig}`);
  say(`  ${kubectl} --kubeconfig ${kubeconfig} get nodes`);
  say('  npm run cluster -- down');
}

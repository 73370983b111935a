import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterProblem } from '../problem.js';
import { missingCgroups } from './cgroups.js';

/** What a real node is made of, by the Debian package that brings it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  containerd: ['containerd', 'containerd-shim-runc-v2'],
  runc: ['runc'],
  'containernetworking-plugins': ['/usr/lib/cni/bridge', '/usr/lib/cni/host-local'],
  'docker-registry': ['docker-registry'],
  'busybox-static': ['/bin/busybox'],
  socat: ['socat'],
  iproute2: ['ip'],
  'util-linux': ['unshare', 'nsenter'],
};

/** The machine cannot have a node, whatever one installs: the one reason for which specs may be skipped in CI. */
export class NoNodeHere extends ClusterProblem {}

/** Throws `NoNodeHere` without root or cgroups, `ClusterProblem` with the packages to install. */
export async function requireNodeTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new NoNodeHere('A real node needs root: it mounts, and makes cgroups.');
  const cgroups = await missingCgroups();
  if (cgroups !== undefined) throw new NoNodeHere(`A real node needs cgroups: ${cgroups}.`);
  const missing = Object.entries(PACKAGES)
    .filter(([, programs]) => !programs.every(isInstalled))
    .map(([name]) => name);
  if (missing.length === 0) return;
  throw new ClusterProblem(
    `A real node needs these packages (Debian's names): apt-get install --no-install-recommends ${missing.join(' ')}`,
  );
}

function isInstalled(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

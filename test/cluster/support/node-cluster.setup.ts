import type { TestProject } from 'vitest/node';
import { startIdentity } from '../../../simulator/identity/index.js';
import { MissingToolchain, NoNodeHere, REPOSITORY, startRealCluster } from '../harness/index.js';
import { closeAll, isCi, type Closer } from './closers.js';
import type { Provided, SharedNode } from './shared-cluster.js';

/** Starts the control plane whose one node is real, and the registries that it pulls from. */
export default async function setup(project: TestProject): Promise<Closer> {
  const closers: Closer[] = [];
  const provide = (provided: Provided<SharedNode>): void => project.provide('realNode', provided);
  try {
    const identity = await startIdentity({});
    closers.push(() => identity.close());
    const cluster = await startRealCluster({ audit: true, users: ['stranger'], hasNode: true });
    closers.push(() => cluster.stop());
    const { url, ca, users, folder, node } = cluster;
    if (!node) throw new Error('the cluster came without its node');
    provide({
      ...{ url, ca, users, folder, nodeName: node.name, registries: node.registries },
      registry: { host: node.registries.open, repository: REPOSITORY },
      identity: { url: identity.url },
    });
  } catch (error) {
    await closeAll(closers);
    if (!mayBeSkipped(error)) throw error;
    console.warn(`\n${error.message}\nThe specs of a real node are skipped.\n`);
    provide({ missing: error.message });
  }
  return () => closeAll(closers);
}

/** Root and cgroups may be missing anywhere; a toolchain may on a laptop, never in CI. */
function mayBeSkipped(error: unknown): error is Error {
  return error instanceof NoNodeHere || (error instanceof MissingToolchain && !isCi());
}

import type { TestProject } from 'vitest/node';
import { startIdentity } from '../../../simulator/identity/index.js';
import { startRegistry } from '../../../simulator/registry/index.js';
import { MissingToolchain, startRealCluster } from '../harness/index.js';
import { closeAll, isCi, type Closer } from './closers.js';
import type { Provided, SharedCluster } from './shared-cluster.js';

/** Size and speed such that a pull is seen and nobody waits for it. */
const SCRIPT = { sizeBytes: 100_000_000, pullBytesPerSecond: 500_000_000, startMs: 50, stopMs: 20 };

/** Room for all the labs that the specs leave behind. */
const CAPACITY = { pods: '1000', cpu: '128', memory: '1Ti' };

/** Starts what all specs share: the control plane with three scripted nodes, a registry and an identity stub. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const closers: Closer[] = [];
  const provide = (provided: Provided<SharedCluster>): void => project.provide('realCluster', provided);
  try {
    const registry = await startRegistry();
    closers.push(() => registry.close());
    const identity = await startIdentity({});
    closers.push(() => identity.close());
    const cluster = await startRealCluster({
      audit: true,
      users: ['stranger', 'almighty'],
      kubelets: {
        nodes: 3,
        scripts: { '*': SCRIPT },
        capacity: CAPACITY,
        digestOf: (image) => registry.resolve(image),
      },
    });
    closers.push(() => cluster.stop());
    const { url, ca, users, folder } = cluster;
    const { host, repository } = registry;
    provide({ url, ca, users, folder, registry: { host, repository }, identity: { url: identity.url } });
  } catch (error) {
    await closeAll(closers);
    if (!(error instanceof MissingToolchain) || isCi()) throw error;
    console.warn(`\n${error.message}\nUntil then these specs are skipped; in CI they fail.\n`);
    provide({ missing: error.message });
  }
  return () => closeAll(closers);
}

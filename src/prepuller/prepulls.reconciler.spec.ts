import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import { startBerthCluster } from '../../test/support/room-cluster.js';
import {
  findingsOn,
  prepullPods,
  prepullSettings,
  someImage,
  startPrepuller,
} from '../../test/support/prepull-runtime.js';
import type { PrepullProcess } from '../../test/support/prepull-runtime.js';
import { QuickClock } from '../../test/support/quick-clock.js';
import { until } from '../../test/support/until.js';
import type { ConfigPiece } from '../../test/gen/settings.gen.js';

const [LAB, OTHER] = [someImage('lab'), someImage('other')];

describe('PrepullsReconciler', () => {
  const clock = new QuickClock(20);
  let cluster: Cluster;
  let process: PrepullProcess;

  const begin = async (options: ClusterOptions = {}, prepull: ConfigPiece = {}, more: ConfigPiece = {}) => {
    const server = { clock: () => clock.now() };
    cluster = await startBerthCluster({ nodes: 2, timeScale: 0.01, imagesReportMs: 5, server, ...options });
    const kubeconfig = cluster.kubeconfig('berth');
    process = await startPrepuller({ kubeconfig, clock, settings: prepullSettings(prepull, more) });
  };
  const has = (node: string, { digest }: { digest: string }): boolean =>
    ['present', 'proven'].includes(process.matrix.row(node)?.images.get(digest)?.state ?? '');
  const stateOf = (node: string, { digest }: { digest: string }) =>
    process.matrix.row(node)?.images.get(digest);
  const findings = (node: string) => [...findingsOn(cluster, node)].sort();

  beforeEach(() => undefined);
  afterEach(async () => {
    await process.close();
    await cluster.close();
  });

  it('brings every wanted image to every node and leaves nothing behind but what it learnt', async () => {
    await begin();

    process.matrix.want([LAB, OTHER]);

    await until(() => process.matrix.isPrepulled(LAB.digest) && process.matrix.isPrepulled(OTHER.digest));
    await until(() => prepullPods(cluster).length === 0, 'no pods');
    expect(findings('node-1')).toEqual(['lab: proven', 'other: proven']);
    expect(findings('node-2')).toEqual(['lab: proven', 'other: proven']);
    expect(has('node-1', LAB)).toBe(true);
    expect(stateOf('node-1', LAB)?.sizeBytes).toBeGreaterThan(0);
  });
});

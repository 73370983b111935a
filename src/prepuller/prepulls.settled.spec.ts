import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  findingsOn,
  make,
  prepullPods,
  prepullSettings,
  someImage,
  startPrepuller,
} from '../../test/support/prepull-runtime.js';
import type { PrepullProcess } from '../../test/support/prepull-runtime.js';
import { startBerthCluster } from '../../test/support/room-cluster.js';
import { until } from '../../test/support/until.js';

const READS = ['get', 'list', 'watch'];
const IMAGES = [someImage('lab', 'w_2077_43', ['recommended']), someImage('other', 'w_2077_42')];
const NODES = ['node-1', 'node-2'];

describe('a prepuller that has nothing to do', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  const replicas: PrepullProcess[] = [];

  const start = async (): Promise<PrepullProcess> => {
    const kubeconfig = proxy.kubeconfig('berth');
    const replica = await startPrepuller({ kubeconfig, settings: prepullSettings() });
    replicas.push(replica);
    replica.matrix.want(IMAGES);
    return replica;
  };

  beforeAll(async () => {
    const options = { instant: true, imagesReportMs: 5, server: { bookmarkIntervalMs: 200 } };
    cluster = await startBerthCluster({ nodes: NODES.length, ...options });
    proxy = await startFaultProxy({ target: cluster.api.url });
  });

  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    await proxy.close();
    await cluster.close();
  });

  const isOver = (): boolean =>
    prepullPods(cluster).length === 0 && NODES.every((node) => findingsOn(cluster, node).length === 2);

  /** News of a node, and a stranger's pod that looks like one of ours. */
  async function churn(round: number): Promise<void> {
    const name = `stranger-${round}`;
    const labels = { 'nublado.lsst.io/category': 'prepuller' };
    const spec = { nodeName: NODES[0], containers: [{ name: 'prepull', image: IMAGES[0]?.reference }] };
    const pods = '/api/v1/namespaces/berth/pods';
    await make(cluster, pods, { metadata: { name, labels }, spec });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = JSON.stringify({ metadata: { labels: { round: String(round) } } });
    const changed = await fetch(`${cluster.api.url}/api/v1/nodes/node-1`, { method: 'PATCH', headers, body });
    expect(changed.status).toBe(200);
    await fetch(`${cluster.api.url}${pods}/${name}?gracePeriodSeconds=0`, { method: 'DELETE' });
  }

  /**
   * @promise nothing is wasted
   * @fault relists, 410s, a change of leader with its sweep, and strangers who churn nodes and pods
   * @outcome a prepuller whose images are all there writes nothing but the Lease
   */
  it('writes nothing but the Lease over relists, 410s and a change of leader, whatever strangers do', async () => {
    const first = await start();
    await until(isOver, 'all images on all nodes');
    await until(() => proxy.running > 0 && first.matrix.allRows().length === NODES.length, 'rest');
    const from = proxy.requests.length;
    const since = () => proxy.requests.slice(from);
    const relists = (resource: string) =>
      since().filter((request) => request.verb === 'list' && request.resource === resource).length;

    const healed = proxy.add({ match: { verb: 'watch' }, action: { do: 'expire', after: 2 } });
    cluster.api.store.compact();
    const second = await start();
    await first.leadership.stop();
    let round = 0;
    await until(() => second.leadership.leading, 'the next leader');
    while (!['nodes', 'pods', 'nodeimages'].every((resource) => relists(resource) >= 2)) await churn(round++);
    healed();
    const third = await start();
    await second.leadership.stop();
    while (!third.leadership.leading) await churn(round++);
    for (const last = round + 20; round < last;) await churn(round++);
    // What any of it led to is decided by the time a node's own news is told.
    await until(() => third.matrix.synced && isOver(), 'all images on all nodes');

    const writes = since()
      .filter(({ verb, resource }) => !READS.includes(verb) && resource !== 'leases')
      .map(({ verb, path }) => `${verb} ${path}`);
    expect(writes).toEqual([]);
    expect(third.matrix.isPrepulled(IMAGES[0]?.digest ?? '')).toBe(true);
  });
});

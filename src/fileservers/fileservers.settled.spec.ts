import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  FILES,
  aUser,
  fileSettings,
  startFileCluster,
  startFileProcess,
  storedServer,
} from '../../test/support/file-room.js';
import type { FileProcess } from '../../test/support/file-room.js';
import { until } from '../../test/support/until.js';

const READS = ['get', 'list', 'watch'];
const WATCHED = ['fileservers', 'jobs', 'services', 'pods', 'ingresses', 'gafaelfawringresses'];

describe('settled file servers', { timeout: 60_000 }, () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function begin(): Promise<{
    cluster: Cluster;
    proxy: FaultProxy;
    start: () => Promise<FileProcess>;
  }> {
    const cluster = await startFileCluster({ instant: true, server: { bookmarkIntervalMs: 200 } });
    ends.push(() => cluster.close());
    const proxy = await startFaultProxy({ target: cluster.api.url });
    ends.push(() => proxy.close());
    const start = async (): Promise<FileProcess> => {
      const settings = fileSettings({ reconcileInterval: '1s' });
      const process = await startFileProcess({ kubeconfig: proxy.kubeconfig('berth'), settings });
      ends.push(() => process.close());
      return process;
    };
    return { cluster, proxy, start };
  }

  /**
   * @promise nothing is wasted
   * @fault sweeps, relists, 410s, a change of leader, and strangers who churn the namespace of file servers
   * @outcome settled file servers cost no write; what is really missing is still made again
   */
  it('cost no write over sweeps, relists, 410s and a change of leader, whatever strangers do', async () => {
    const { cluster, proxy, start } = await begin();
    const one = await start();
    await Promise.all(['amy', 'ben'].map((user) => one.files.open(aUser(user))));
    await one.files.open(aUser('gone'));
    await one.files.remove('gone');
    await until(() => storedServer(cluster, 'gone')?.status?.phase === 'stopped', 'its record', 30_000);
    const announced = () =>
      cluster.api.store.dump('events').filter(({ metadata }) => metadata.namespace === 'berth').length;
    await until(() => announced() === 3, 'the last write', 30_000);

    const from = proxy.requests.length;
    const since = () => proxy.requests.slice(from);
    const lists = (resource: string) =>
      since().filter((request) => request.verb === 'list' && request.resource === resource).length;
    // Every watch of the next leader is told 410 after two lines: it lists again and again.
    const healed = proxy.add({ match: { verb: 'watch' }, action: { do: 'expire', after: 2 } });
    cluster.api.store.compact();
    const two = await start();
    await one.leadership.stop();
    await until(() => two.leadership.leading, 'the next leader', 30_000);
    let round = 0;
    while (!WATCHED.every((resource) => lists(resource) >= 2)) await churn(cluster, (round += 1));
    healed();

    // What comes of one deletion shows that somebody looks; nothing else was written before, nor beside it.
    const service = `/api/v1/namespaces/${FILES}/services/amy-fs`;
    await fetch(cluster.api.url + service, { method: 'DELETE' });
    await until(() => written().length > 0, 'its return', 30_000);
    for (let more = 0; more < 10; more += 1) await churn(cluster, (round += 1));
    expect(written()).toEqual([`create /api/v1/namespaces/${FILES}/services`]);
    expect(two.files.running().toSorted()).toEqual(['amy', 'ben']);

    function written(): readonly string[] {
      return since()
        .filter(({ verb, resource }) => !READS.includes(verb) && resource !== 'leases')
        .map(({ verb, path }) => `${verb} ${path}`);
    }
  });

  /** A stranger's objects, some of which look like a server's, and events about a server's pod. */
  async function churn(cluster: Cluster, round: number): Promise<void> {
    const name = `stranger-${round}`;
    const labels: Record<string, string> =
      round % 2 === 0 ? { 'nublado.lsst.io/category': 'fileserver' } : {};
    const spec = { containers: [{ name: 'fileserver', image: 'registry.example.org/play:1' }] };
    const pods = `/api/v1/namespaces/${FILES}/pods`;
    await send(cluster, 'POST', pods, { metadata: { name, labels }, spec });
    const involvedObject = { kind: 'Pod', namespace: FILES, name: 'amy-fs-x' };
    const event = {
      metadata: { name },
      involvedObject,
      reason: 'FailedMount',
      message: name,
      type: 'Warning',
    };
    await send(cluster, 'POST', `/api/v1/namespaces/${FILES}/events`, event);
    await send(cluster, 'DELETE', `${pods}/${name}?gracePeriodSeconds=0`);
  }

  async function send(cluster: Cluster, method: string, path: string, body?: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const sent = body && { body: JSON.stringify(body), headers };
    const answer = await fetch(cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
  }
});

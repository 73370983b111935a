import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';

const READS = ['get', 'list', 'watch'];

describe('a settled system', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let replicas: Runtime[];

  beforeAll(async () => {
    cluster = await startLabCluster({ instant: true, server: { bookmarkIntervalMs: 200 } });
    proxy = await startFaultProxy({ target: cluster.api.url });
    const settings = someRuntimeSettings({ lab: { reconcileInterval: '1s' } });
    const start = () => startRuntime({ kubeconfig: proxy.kubeconfig('berth'), settings });
    replicas = [await start(), await start()];
    for (const replica of replicas) await replica.readiness.whenReady();
  });

  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    await proxy.close();
    await cluster.close();
  });

  const send = async (method: string, path: string, body?: object): Promise<void> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body && { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await fetch(cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
  };

  /** A stranger's pods, some of which look like a lab's, events about a lab of ours, and a node's news. */
  async function churn(round: number): Promise<void> {
    const labels = round % 2 === 0 ? { 'nublado.lsst.io/category': 'lab' } : {};
    const name = `stranger-${round}`;
    const containers = [{ name: 'notebook', image: 'registry.example.org/play:1' }];
    await send('POST', '/api/v1/namespaces/play/pods', { metadata: { name, labels }, spec: { containers } });
    const involvedObject = { kind: 'Pod', namespace: 'userlabs-amy', name: 'amy-nb' };
    const event = { metadata: { name }, involvedObject, reason: 'Odd', message: name, type: 'Warning' };
    await send('POST', '/api/v1/namespaces/userlabs-amy/events', event);
    const [node] = cluster.api.store.dump('nodes');
    await send('PATCH', `/api/v1/nodes/${node?.metadata.name ?? ''}`, {
      metadata: { labels: { round: String(round) } },
    });
    await send('DELETE', `/api/v1/namespaces/play/pods/${name}?gracePeriodSeconds=0`);
  }

  /**
   * @promise nothing is wasted
   * @fault sweeps, relists, 410s, a change of leader, and strangers who churn pods, events and nodes
   * @outcome a settled system writes nothing but its Lease
   */
  it('writes nothing but the Lease over sweeps, relists, 410s and a change of leader, whatever strangers do', async () => {
    const [one, two] = replicas as [Runtime, Runtime];
    for (const user of ['amy', 'ben']) {
      await one.labs.create(aCreate(user));
      await storyOf(one.labs, user);
    }
    const announced = () =>
      cluster.api.store.dump('events').filter(({ metadata }) => metadata.namespace === 'berth').length;
    await until(() => announced() === 2, 'the last write');
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'play' } });
    const from = proxy.requests.length;
    const since = () => proxy.requests.slice(from);
    const watched = ['labs', 'secrets', 'namespaces', 'pods', 'nodes'];
    const relists = (resource: string) =>
      since().filter((request) => request.verb === 'list' && request.resource === resource).length;

    // Every watch of the next leader is told 410 after two lines, bookmarks among them: it lists again and again.
    const healed = proxy.add({ match: { verb: 'watch' }, action: { do: 'expire', after: 2 } });
    cluster.api.store.compact();
    const third = await startRuntime({
      kubeconfig: proxy.kubeconfig('berth'),
      settings: someRuntimeSettings({ lab: { reconcileInterval: '1s' } }),
    });
    replicas.push(third);
    await Promise.all([one.leadership.stop(), two.leadership.stop()]);
    const ended = performance.now() + 2500;
    for (let round = 0; performance.now() < ended; round += 1) await churn(round);
    await until(() => third.leadership.leading, 'the next leader');
    await until(() => watched.every((resource) => relists(resource) >= 2), 'relists of everything');
    healed();
    const again = performance.now() + 2500;
    for (let round = 1000; performance.now() < again; round += 1) await churn(round);

    const writes = since()
      .filter(({ verb, resource }) => !READS.includes(verb) && resource !== 'leases')
      .map(({ verb, path }) => `${verb} ${path}`);
    expect(writes).toEqual([]);
    expect(third.labs.running()).toEqual(one.labs.running());
  });
});

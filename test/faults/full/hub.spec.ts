import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCluster } from '../../../simulator/cluster.js';
import type { Cluster } from '../../../simulator/cluster.js';
import { startFaultProxy } from '../../../simulator/faults/index.js';
import type { FaultProxy } from '../../../simulator/faults/index.js';
import { BerthProcess } from '../../support/berth-process.js';
import { stored } from '../../support/cluster-shapes.js';
import { aPlatform } from '../../support/platform.js';
import { pooled } from '../../support/work.js';
import { makeNublado, unmark } from '../support/lab-flows.js';
import { PollingHub } from '../support/polling-hub.js';

const LABS = 500;
const OUTAGE_MS = 120_000;
const LEASE_MS = 5_000;
const CAPACITY = { cpu: '1024', memory: '4Ti', pods: '2000', 'ephemeral-storage': '1Ti' };
const users = Array.from({ length: LABS }, (_, index) => `u${String(index).padStart(3, '0')}`);

/** Two built processes behind a fault layer each, 500 labs, and a Hub that deletes whatever seems dead. */
describe('a Hub that believes every answer', () => {
  let cluster: Cluster;
  let proxies: FaultProxy[];
  let replicas: BerthProcess[];
  let hub: PollingHub;

  beforeAll(async () => {
    cluster = await startCluster({ instant: true, capacity: CAPACITY, registry: {}, identity: {} });
    proxies = [];
    replicas = [];
    for (let nth = 0; nth < 2; nth += 1) {
      const proxy = await startFaultProxy({ target: cluster.api.url });
      const files = aPlatform({ ...cluster, kubeconfig: (namespace) => proxy.kubeconfig(namespace) });
      const known = users.map(
        (user, index) =>
          `        - { username: ${user}, name: ${user}, uid: ${5000 + index}, gid: ${5000 + index}, token: ${user}-token, groups: [] }\n`,
      );
      const extra = files.extra.replace(/users:\n/, (line) => `${line}${known.join('')}`);
      proxies.push(proxy);
      replicas.push(await BerthProcess.prepare({ ...files, extra }));
    }
    for (const replica of replicas) await replica.start();
    hub = new PollingHub(users);
    hub.route(...replicas);
    await hub.spawnAll();
  }, 900_000);

  afterAll(async () => {
    for (const replica of replicas) await replica.dispose();
    for (const proxy of proxies) await proxy.close();
    await cluster.close();
  });

  const pods = (): readonly string[] =>
    stored(cluster, 'pods').map(
      ({ metadata }) => `${metadata.name} ${(metadata as { uid?: string }).uid ?? ''}`,
    );

  /** Nothing was removed, and the Hub had no reason to remove anything. */
  async function survives(work: () => Promise<unknown>): Promise<void> {
    const before = pods();
    hub.dead.length = 0;

    await hub.during(work());

    expect(hub.dead).toEqual([]);
    expect(before).toHaveLength(LABS);
    expect(pods()).toEqual(before);
  }

  const [one, two] = [() => replicas[0] as BerthProcess, () => replicas[1] as BerthProcess];

  /**
   * @promise nothing is lost
   * @fault the leader is killed while a Hub asks for 500 labs
   * @outcome every answer says that the lab runs: not one `DELETE`
   */
  it('deletes nothing when the leader is killed', async () => {
    hub.route(two());
    await survives(async () => {
      one().kill();
      await one().ended();
      await sleep(LEASE_MS);
      await one().start();
    });
    hub.route(one(), two());
  });

  /**
   * @promise nothing is lost
   * @fault all replicas are restarted, one after the other, while a Hub asks for 500 labs
   * @outcome every answer says that the lab runs: not one `DELETE`
   */
  it('deletes nothing in a rolling restart', async () => {
    await survives(async () => {
      for (const [leaving, staying] of [
        [one(), two()],
        [two(), one()],
      ] as const) {
        hub.route(staying);
        await leaving.terminate();
        await leaving.start();
        hub.route(one(), two());
      }
    });
  });

  /**
   * @promise nothing is lost
   * @fault the API server is away for two minutes while a Hub asks for 500 labs
   * @outcome every answer says that the lab runs: not one `DELETE`
   */
  it('deletes nothing while the API server is away for two minutes', async () => {
    await survives(async () => {
      for (const proxy of proxies) {
        proxy.add({ action: { do: 'reset', at: 'before' } });
        proxy.cut();
      }
      await sleep(OUTAGE_MS);
      for (const proxy of proxies) proxy.clear();
    });
  });

  /**
   * @promise nothing is lost
   * @fault an operator goes from Nublado’s controller to Berth, back, and to Berth again, with 500 labs running
   * @outcome all are adopted, untouched, before the first answer: not one `DELETE`
   */
  it('deletes nothing after Nublado → Berth → Nublado → Berth', async () => {
    const before = pods();
    hub.dead.length = 0;
    for (const back of [makeNublado, unmark]) {
      for (const replica of replicas) await replica.terminate();
      await pooled(users, (user) => back(cluster, user), 8);
      await one().start();
      hub.route(one());
      await hub.round();
      await hub.during(two().start());
      hub.route(one(), two());
      await hub.round();
    }

    expect(hub.dead).toEqual([]);
    expect(pods()).toEqual(before);
    console.log(`${hub.polls} polls of ${LABS} labs`);
  });
});

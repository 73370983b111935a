import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { PollingHub } from '../../faults/support/polling-hub.js';
import { pooled } from '../../support/work.js';
import { Api, type Thing } from '../support/api.js';
import { Replicas, someUsers, type Replica } from '../support/replicas.js';
import { describeReal } from '../support/shared-cluster.js';

const users = someUsers(500);
const OUTAGE_MS = 120_000;
/** Between two rounds of polls where nothing else is to be waited for. */
const PAUSE_MS = 2_000;
/** Far beyond what any of it takes, also beside other specs on two cores. */
const LIMIT_MS = 600_000;

describeReal('a Hub that believes every answer, on a real control plane', (cluster) => {
  const api = new Api(cluster);
  let replicas: Replicas;
  let hub: PollingHub;

  beforeAll(async () => {
    replicas = await Replicas.start(cluster, api, { count: 2, users });
    hub = new PollingHub(users, PAUSE_MS);
    routeToAll();
    await hub.spawnAll();
  }, LIMIT_MS);
  afterAll(async () => {
    await replicas.dispose();
    await api.close();
  });

  const routeToAll = (): void => hub.route(...replicas.all.map(({ berth }) => berth));
  const leaderAndOther = async (): Promise<readonly [Replica, Replica]> => {
    const leader = await replicas.leader();
    const other = replicas.all.find((one) => one !== leader);
    if (!other) throw new Error('no other replica');
    return [leader, other];
  };
  const namespaceOf = (user: string): string => `/api/v1/namespaces/${replicas.instance}-${user}`;
  const recordOf = (user: string): string =>
    `/apis/berth.dev/v1alpha1/namespaces/${replicas.instance}/labs/${user}`;

  async function pods(): Promise<readonly string[]> {
    const { body } = await api.get<{ items: readonly Thing[] }>('/api/v1/pods');
    return body.items
      .filter(({ metadata }) => users.some((user) => metadata.namespace === `${replicas.instance}-${user}`))
      .map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.deletionTimestamp ?? ''}`)
      .sort();
  }

  /** Nothing was removed, and the Hub had no reason to remove anything. */
  async function survives(work: () => Promise<unknown>): Promise<void> {
    const before = await pods();
    hub.dead.length = 0;

    await hub.during(work());

    expect(hub.dead).toEqual([]);
    expect(before).toHaveLength(users.length);
    expect(await pods()).toEqual(before);
  }

  /** As Nublado's controller leaves a lab: no record, none of our marks. */
  async function asOfNublado(user: string): Promise<void> {
    await api.merge(recordOf(user), { metadata: { finalizers: null } });
    await api.remove(recordOf(user));
    await unmarked(user);
  }

  /** The same of a lab whose record stayed behind when an operator went back to Nublado's controller. */
  async function unmarked(user: string): Promise<void> {
    await api.merge(namespaceOf(user), { metadata: { annotations: null } });
  }

  /**
   * @promise nothing is lost
   * @fault on a real control plane, the leader is killed while a Hub asks for 500 labs
   * @outcome another takes over, the first comes back, and every answer says that the lab runs: not one `DELETE`
   */
  it(
    'deletes nothing when the leader is killed',
    async () => {
      const [leader, other] = await leaderAndOther();
      hub.route(other.berth);

      await survives(async () => {
        leader.berth.kill();
        await leader.berth.ended();
        while ((await replicas.leader()) !== other) await sleep(100);
        await leader.berth.start();
      });

      routeToAll();
    },
    LIMIT_MS,
  );

  /**
   * @promise nothing is lost
   * @fault on a real control plane, all replicas are restarted, one after the other, while a Hub asks for 500 labs
   * @outcome every answer says that the lab runs: not one `DELETE`
   */
  it(
    'deletes nothing in a rolling restart',
    async () => {
      const [leader, other] = await leaderAndOther();

      await survives(async () => {
        for (const [leaving, staying] of [
          [leader, other],
          [other, leader],
        ] as const) {
          hub.route(staying.berth);
          await leaving.berth.terminate();
          await leaving.berth.start();
          routeToAll();
        }
      });
    },
    LIMIT_MS,
  );

  /**
   * @promise nothing is lost
   * @fault a real API server cannot be reached for two minutes while a Hub asks for 500 labs
   * @outcome every answer says that the lab runs: not one `DELETE`
   */
  it(
    'deletes nothing while the API server is away for two minutes',
    async () => {
      await survives(async () => {
        for (const { proxy } of replicas.all) {
          proxy.add({ action: { do: 'reset', at: 'before' } });
          proxy.cut();
        }
        await sleep(OUTAGE_MS);
        for (const { proxy } of replicas.all) proxy.clear();
      });
    },
    LIMIT_MS,
  );

  /**
   * @promise nothing is lost
   * @fault on a real control plane, an operator goes from Nublado’s controller to Berth, back, and to Berth again, with 500 labs running
   * @outcome all are adopted, untouched, before the first answer: not one `DELETE`
   */
  it(
    'deletes nothing after Nublado → Berth → Nublado → Berth',
    async () => {
      const [one, two] = await leaderAndOther();
      const before = await pods();
      hub.dead.length = 0;

      for (const back of [asOfNublado, unmarked]) {
        for (const { berth } of replicas.all) await berth.terminate();
        await pooled(users, back, 8);
        hub.route(one.berth);
        await one.berth.start();
        await hub.round();
        await hub.during(two.berth.start());
        routeToAll();
        await hub.round();
      }

      expect(hub.dead).toEqual([]);
      expect(before).toHaveLength(users.length);
      expect(await pods()).toEqual(before);
      console.log(`${String(hub.polls)} polls of ${String(users.length)} labs`);
    },
    LIMIT_MS,
  );
});

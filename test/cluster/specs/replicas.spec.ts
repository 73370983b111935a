import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lag } from '../../../simulator/faults/index.js';
import { PluginHub } from '../../support/plugin-hub.js';
import { Hub } from '../../support/hub.js';
import type { WireEvent } from '../../support/sse-reader.js';
import { until } from '../../support/until.js';
import { pooled } from '../../support/work.js';
import { Api } from '../support/api.js';
import { Replicas, someUsers, type Replica } from '../support/replicas.js';
import { describeReal } from '../support/shared-cluster.js';

const LAG_MS = 2_000;
const users = someUsers(80);
/** Those that live twice: a fresh record, and a spawn over a stopped one. */
const LIVING_TWICE = 20;
const AT_ONCE = 40;
/** Of the hundred runs, so many must have asked a replica that did not know yet. */
const LAGGING_AT_LEAST = 20;

interface Lagging extends Replica {
  readonly lag: Lag;
}

describeReal('several replicas on a real control plane', (cluster) => {
  const api = new Api(cluster);
  let replicas: Replicas;

  beforeAll(async () => {
    replicas = await Replicas.start(cluster, api, { count: 2, users: [...users, 'by2', 'by3'] });
  });
  afterAll(async () => {
    await replicas.dispose();
    await api.close();
  });

  const at = (nth: number): Replica => {
    const { all } = replicas;
    const found = all[nth % all.length];
    if (!found) throw new Error('no replica');
    return found;
  };
  const addressOf = (user: string): string => `http://lab.${replicas.instance}-${user}:8888/nb/user/${user}/`;

  it.each([2, 3])(
    'all serve the API and every stream, %i of them',
    async (count) => {
      while (replicas.all.length < count) await replicas.add();
      const user = `by${String(count)}`;
      let turn = 0;
      const hub = new PluginHub(user, () => at((turn += 1)).berth.url);

      const { shown, url } = await hub.spawn();

      expect(url).toBe(addressOf(user));
      expect(shown.at(-1)).toEqual({ kind: 'complete' });
      const readings = await Promise.all(replicas.all.map(({ berth }) => new Hub(berth.url).events(user)));
      await Promise.all(readings.map(({ ended }) => ended));
      const [first = [], ...others] = readings.map(({ events }) => events.map(({ raw }) => raw));
      expect(first.length).toBeGreaterThan(3);
      for (const other of others) expect(other).toEqual(first);
      const states = replicas.all.map(async ({ berth }) => (await new Hub(berth.url).status(user)).text);
      expect(new Set(await Promise.all(states)).size).toBe(1);
      await hub.close();
    },
    120_000,
  );

  /** Spawns through one replica, asks another at once; whether that one had not heard of the spawn when it answered. */
  async function run(user: string, spawner: Replica, asked: Lagging, stops: boolean): Promise<boolean> {
    let door = spawner;
    const hub = new PluginHub(user, () => door.berth.url);
    const witness = new Hub(asked.berth.url);
    await hub.ask();
    door = asked;
    const following = hub.follow();
    const [told, state] = await Promise.all([witness.events(user), witness.status(user)]);
    await until(() => told.events.length > 0, 'the first event');
    const operation = told.events[0]?.id?.split('-')[0] ?? 'none';
    const isLagging = asked.lag.holds(operation);

    const { shown, url } = await following;

    expect(state.status, state.text).toBe(200);
    expect(JSON.parse(state.text)).toMatchObject({
      user: { username: user },
      status: expect.stringMatching(/^(pending|running)$/) as string,
      internal_url: addressOf(user),
    });
    expect(url).toBe(addressOf(user));
    expect(shown.at(-1)).toEqual({ kind: 'complete' });
    const messages = shown.flatMap((one) => (one.kind === 'message' ? [one.text] : []));
    expect(messages.filter((text) => !text.startsWith('[info] '))).toEqual([]);
    expect(await told.ended).toBe(true);
    await expectSame(user, told.events);
    expect(await hub.lives()).toBe(true);
    if (stops) {
      await hub.stop();
      expect(await hub.lives(), 'says who has just stopped it').toBe(false);
    }
    await hub.close();
    return isLagging;
  }

  /** All replicas tell the story as it was told, byte for byte, each event once. */
  async function expectSame(user: string, events: readonly WireEvent[]): Promise<void> {
    const raw = events.filter(({ id }) => id !== undefined).map((event) => event.raw);
    const numbers = events.flatMap(({ id }) => id?.split('-')[1] ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
    const { berth } = at(0);
    const replay = await new Hub(berth.url).events(user);
    expect(await replay.ended).toBe(true);
    expect(replay.events.filter(({ id }) => id !== undefined).map((event) => event.raw)).toEqual(raw);
  }

  /** From now on this replica hears everything so much later. */
  function lagBehind(replica: Replica): Lagging {
    const lag = new Lag(LAG_MS);
    replica.proxy.add({ match: { verb: 'watch' }, action: { do: 'lag', lag } });
    // Watches that are open already know nothing of it.
    replica.proxy.cut();
    return { ...replica, lag };
  }

  /**
   * @promise nothing is lost
   * @fault the watch of the replica that a Hub asks lags by two seconds behind the one that accepted its spawn; then the leader’s watch too
   * @outcome a hundred spawns, each first seen by one replica and followed on another: no 404, no word of an earlier life, the same story everywhere
   */
  it('answers right where the replica that is asked has not heard of the spawn', async () => {
    const leader = await replicas.leader();
    const lagging = replicas.all.filter((one) => one !== leader).map(lagBehind);
    const runs: boolean[] = [];
    const runAll = (whose: readonly string[], stops: (nth: number) => boolean) =>
      pooled(
        whose,
        async (user) => {
          const nth = users.indexOf(user);
          const asked = lagging[nth % lagging.length];
          const spawners = replicas.all.filter(({ berth }) => berth !== asked?.berth);
          const spawner = spawners[nth % spawners.length];
          if (!asked || !spawner) throw new Error('too few replicas');
          runs.push(await run(user, spawner, asked, stops(nth)));
        },
        AT_ONCE,
      );

    await runAll(users, (nth) => nth < LIVING_TWICE);
    lagging.push(lagBehind(leader));
    await runAll(users.slice(0, LIVING_TWICE), () => false);

    const lagged = runs.filter((isLagging) => isLagging).length;
    console.log(`the replica asked was lagging in ${String(lagged)} of ${String(runs.length)} runs`);
    expect(runs).toHaveLength(100);
    expect(lagged).toBeGreaterThanOrEqual(LAGGING_AT_LEAST);
  }, 240_000);
});

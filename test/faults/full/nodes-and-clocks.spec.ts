import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../../simulator/cluster.js';
import { LabRecordsService, LabsQueue } from '../../../src/labs/index.js';
import { LabView } from '../../../src/labs/lab.view.js';
import { stored } from '../../support/cluster-shapes.js';
import { JUMP_LEASE, JumpClock } from '../../support/jump-clock.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { letSocketsSpeak, until } from '../../support/until.js';
import { labOf } from '../support/cluster-picture.js';
import { Stranger } from '../support/stranger.js';

const MINUTE = 60_000;
const READS = ['get', 'list', 'watch'];

describe('nodes that are silent, and clocks that differ', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function aCluster(timeScale = 0.01, clock?: JumpClock): Promise<Cluster> {
    const server = clock ? { clock: () => clock.now() } : {};
    const cluster = await startLabCluster({ timeScale, namespaceMinimumMs: 5, server });
    ends.push(() => cluster.close());
    return cluster;
  }

  /** Its clock is `aheadMs` ahead of the API server's. */
  async function start(
    cluster: Cluster,
    { aheadMs = 0, identity = 'only', clock = new JumpClock() } = {},
  ): Promise<{ readonly runtime: Runtime; readonly clock: JumpClock }> {
    clock.jump(aheadMs);
    const kubeconfig = cluster.kubeconfig('berth');
    const settings = someRuntimeSettings();
    const runtime = await startRuntime({ kubeconfig, settings, identity, clock, lease: JUMP_LEASE });
    ends.push(() => runtime.close());
    await runtime.readiness.whenReady();
    return { runtime, clock };
  }

  /** Resolves when the leader has looked at the lab from beginning to end once more. */
  async function looked(runtime: Runtime, user: string): Promise<void> {
    const queue = runtime.get(LabsQueue);
    let looks = 0;
    queue.onOutcome(({ key }) => (looks += Number(key === user)));
    // The first may have begun before what it is to see.
    for (const times of [1, 2]) {
      queue.add(user);
      await until(() => looks >= times, `look ${times} at ${user}`);
    }
  }

  const seenPod = (runtime: Runtime, user: string) => {
    const { labs, world } = runtime.get(LabView);
    const lab = labs.find(user);
    return lab && world.observe(lab).pod;
  };
  const podOf = (cluster: Cluster, user: string) =>
    stored(cluster, 'pods').find(({ metadata }) => metadata.namespace === `userlabs-${user}`) as
      { metadata: { uid?: string }; spec?: { nodeName?: string } } | undefined;
  const nodeOf = (cluster: Cluster, user: string): string => podOf(cluster, user)?.spec?.nodeName ?? '';
  const isReady = (cluster: Cluster, node: string): boolean =>
    JSON.stringify(stored(cluster, 'nodes').find(({ metadata }) => metadata.name === node)).includes(
      '"type":"Ready","status":"True"',
    );
  const writes = (runtime: Runtime) =>
    runtime.requests.filter(({ verb, resource }) => !READS.includes(verb) && resource !== 'leases');

  async function spawned(runtime: Runtime, user: string): Promise<void> {
    await runtime.labs.create(aCreate(user));
    expect((await storyOf(runtime.labs, user)).at(-1)?.entry.event).toBe('complete');
    // The last of a spawn's requests, which nobody waits for.
    await until(
      () =>
        runtime.requests.some(
          ({ verb, resource, status }) => verb === 'create' && resource === 'events' && status === 201,
        ),
      'the announcement',
    );
    await looked(runtime, user);
  }

  /**
   * @promise nothing is lost
   * @fault a node is silent for a minute and comes back
   * @outcome its labs are not touched, nothing is written, and operators are told `node_silent`
   */
  it('touches no lab of a node that is silent for a minute', async () => {
    const clock = new JumpClock();
    const cluster = await aCluster(0.01, clock);
    const { runtime } = await start(cluster, { clock });
    await spawned(runtime, 'rachel');
    const uid = podOf(cluster, 'rachel')?.metadata.uid;
    const node = nodeOf(cluster, 'rachel');
    const before = writes(runtime).length;

    await cluster.kubelets.kubelet(node).markNotReady();
    expect(isReady(cluster, node)).toBe(false);
    for (let passed = 0; passed < MINUTE; passed += MINUTE / 4) {
      clock.jump(MINUTE / 4);
      await looked(runtime, 'rachel');
    }
    expect((await runtime.labs.status('rachel', {})).phase).toBe('running');
    const isTold = () => runtime.get(LabRecordsService).causes()[0]?.reason === 'node_silent';
    await until(isTold, 'that operators are told');
    await cluster.kubelets.kubelet(node).recover();
    await looked(runtime, 'rachel');

    expect(writes(runtime).slice(before)).toEqual([]);
    expect(podOf(cluster, 'rachel')?.metadata.uid).toBe(uid);
    expect(runtime.labs.running()).toContain('rachel');
  });

  /**
   * @promise nothing is hidden
   * @fault the node of a running lab never returns, and the cluster gives the pod up
   * @outcome the lab is left alone until then; thirty seconds past the pod's grace it is forced away and ends with a cause
   */
  it('ends the lab of a node that never returns once the cluster has given it up', async () => {
    const clock = new JumpClock();
    const cluster = await aCluster(0.01, clock);
    const { runtime } = await start(cluster, { clock });
    await spawned(runtime, 'wanda');
    const node = nodeOf(cluster, 'wanda');
    await cluster.kubelets.kubelet(node).markNotReady();
    clock.jump(10 * MINUTE);
    await looked(runtime, 'wanda');
    expect(runtime.labs.running()).toContain('wanda');

    await new Stranger(cluster).delete('/api/v1/namespaces/userlabs-wanda/pods/wanda-nb');
    await until(() => seenPod(runtime, 'wanda')?.deletingUntil !== undefined, 'its deletion');
    await looked(runtime, 'wanda');
    expect(podOf(cluster, 'wanda')).toBeDefined();
    clock.jump(2 * MINUTE);
    await until(() => labOf(cluster, 'wanda')?.metadata.labels?.['berth.dev/state'] === 'stopped', 'its end');

    const { past } = labOf(cluster, 'wanda')?.status as { past?: readonly { end: string }[] };
    expect(['pod_gone', 'node_lost']).toContain(past?.at(-1)?.end);
    expect(podOf(cluster, 'wanda')).toBeUndefined();
  });

  /**
   * @promise nothing is lost
   * @fault the clocks of the replica that accepts and of the one that leads are five minutes off the API server's, one ahead and one behind
   * @outcome labs come up and go as with one clock, and every replica tells the same
   */
  it.each([
    ['behind', 'ahead', -5, 5],
    ['ahead', 'behind', 5, -5],
  ])(
    'spawns and stops with the accepting clock five minutes %s and the leading one %s',
    async (_a, _b, ours, theirs) => {
      const cluster = await aCluster();
      const { runtime: leader } = await start(cluster, { aheadMs: theirs * MINUTE, identity: 'leader' });
      await until(() => leader.leadership.leading, 'a leader');
      const { runtime: other } = await start(cluster, { aheadMs: ours * MINUTE, identity: 'other' });
      for (const round of [1, 2]) {
        await other.labs.create(aCreate('dario'));
        const told = await storyOf(other.labs, 'dario');
        expect(told.at(-1)?.entry.event, `round ${round}`).toBe('complete');
        expect(await storyOf(leader.labs, 'dario')).toEqual(told);
        await looked(leader, 'dario');
        expect(leader.labs.running()).toContain('dario');
        await other.labs.remove('dario');
        expect(podOf(cluster, 'dario')).toBeUndefined();
      }
      expect(other.leadership.leading).toBe(false);
    },
  );

  /**
   * @promise nothing is wasted
   * @fault a lab restarts a hundred times a minute
   * @outcome two writes a minute
   */
  it('writes twice a minute for a lab that restarts a hundred times a minute', async () => {
    const cluster = await aCluster(0.00001);
    const { runtime, clock } = await start(cluster);
    await spawned(runtime, 'loops');
    const pod = { namespace: 'userlabs-loops', name: 'loops-nb' };
    const restarts = (): number => {
      const status = (
        podOf(cluster, 'loops') as { status?: { containerStatuses?: { restartCount: number }[] } }
      ).status;
      return status?.containerStatuses?.[0]?.restartCount ?? 0;
    };
    const before = writes(runtime).length;
    const began = clock.monotonic();

    for (let count = 1; count <= 100; count += 1) {
      cluster.kubelets.exit(pod, 3, 'notebook');
      await until(() => restarts() === count, `restart ${count}`);
      clock.jump(MINUTE / 100);
      await letSocketsSpeak();
    }
    await looked(runtime, 'loops');

    const minutes = (clock.monotonic() - began) / MINUTE;
    const told = writes(runtime)
      .slice(before)
      .filter(({ resource }) => resource === 'labs');
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(1 + Math.floor(2 * minutes));
    expect(runtime.labs.running()).toContain('loops');
  });
});

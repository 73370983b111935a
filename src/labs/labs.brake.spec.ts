import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  startSpoilable,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';
import { RemovalBrake } from './removal-brake.js';

const IMPATIENT = { lab: { spawnTimeout: '1s', reconcileInterval: '1s' } };

describe('removals that nobody asked for', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function clusterOf(options: ClusterOptions): Promise<Cluster> {
    const cluster = await startLabCluster({ timeScale: 0.02, ...options });
    ends.push(() => cluster.close());
    return cluster;
  }

  async function start(cluster: Cluster, piece: Record<string, unknown>): Promise<Runtime> {
    const settings = someRuntimeSettings(piece);
    const runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    ends.push(() => runtime.close());
    await runtime.readiness.whenReady();
    await until(() => runtime.leadership.leading, 'leadership');
    return runtime;
  }

  async function makeNamespace(cluster: Cluster, user: string, annotations = {}): Promise<void> {
    const labels = { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': user };
    const body = JSON.stringify({ metadata: { name: `userlabs-${user}`, labels, annotations } });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${cluster.api.url}/api/v1/namespaces`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  const left = (cluster: Cluster): string[] =>
    cluster.api.store
      .dump('namespaces')
      .flatMap(({ metadata: { name = '', deletionTimestamp } }) =>
        name.startsWith('userlabs-') && deletionTimestamp === undefined ? [name] : [],
      );

  /**
   * @promise nothing is lost
   * @fault ten removals within an hour that nobody asked for
   * @outcome removals stop, whoever leads, and go on only after `berth resume-removals`
   */
  it('stop at ten within an hour, whoever leads, until an operator has looked', async () => {
    const cluster = await clusterOf({});
    for (let index = 0; index < 13; index += 1) {
      await makeNamespace(cluster, `gone${index}`, {
        'berth.dev/instance': 'berth',
        'berth.dev/lab-uid': 'no',
      });
    }

    const first = await start(cluster, IMPATIENT);
    await until(() => first.get(RemovalBrake).stop !== undefined, 'the stop');
    await until(() => left(cluster).length === 3, 'ten removals');
    await first.leadership.stop();
    const second = await start(cluster, IMPATIENT);
    const brake = second.get(RemovalBrake);

    expect(brake.stop).toMatchObject({ reason: 'too_many_removals' });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(left(cluster)).toHaveLength(3);
    expect(second.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'removals are stopped until berth resume-removals' },
    ]);
    await brake.resume();
    await until(() => left(cluster).length === 0, 'the rest');
  });

  /**
   * @promise nothing is lost
   * @fault another controller makes labs in our namespaces
   * @outcome removals that nobody asked for stop; what is asked for goes on
   */
  it('stop when another controller makes labs, and what is asked for goes on', async () => {
    // What appears within the first minute of leading proves nothing; the API server is two minutes ahead of us.
    const cluster = await clusterOf({ server: { clock: () => Date.now() + 120_000 } });
    const runtime = await start(cluster, { lab: { reconcileInterval: '1s' } });
    const brake = runtime.get(RemovalBrake);
    for (const user of ['amy', 'ben']) {
      await runtime.labs.create(aCreate(user));
      await storyOf(runtime.labs, user);
    }
    expect(brake.stop).toBeUndefined();

    await makeNamespace(cluster, 'zoe');

    await until(() => brake.stop !== undefined, 'the stop');
    expect(brake.stop).toMatchObject({
      reason: 'another_controller_active',
      evidence: 'somebody else made the namespace userlabs-zoe',
    });
    await cluster.kubelets.evict({ namespace: 'userlabs-amy', name: 'amy-nb' });
    await until(() => !runtime.labs.running().includes('amy'), 'the end of a lab');
    await runtime.labs.remove('ben');
    expect(left(cluster)).toContain('userlabs-amy');
    expect(left(cluster)).not.toContain('userlabs-ben');
    await brake.resume();
    await until(() => !left(cluster).includes('userlabs-amy'), 'removals go on');
    expect(brake.stop).toBeUndefined();
  });

  /**
   * @promise nothing is lost
   * @fault the API server refuses one removal that nobody asked for, again and again
   * @outcome it counts once: others that nobody asked for go on
   */
  it('count once, however often each is tried', async () => {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    const marks = { 'berth.dev/instance': 'berth', 'berth.dev/lab-uid': 'no' };
    await makeNamespace(cluster, 'kept', marks);
    const clock = new JumpClock();
    const { proxy, runtime, close } = await startSpoilable(cluster, clock);
    ends.push(close);
    const message = 'admission webhook "protect.example.org" denied the request: protected';
    const match = { verb: 'delete', resource: 'namespaces' } as const;
    proxy.add({ match, action: { do: 'answer', status: 403, reason: 'Forbidden', message } });

    clock.jump(700_000);
    const brake = runtime.get(RemovalBrake);
    const tries = (): number => proxy.requests.filter(({ verb }) => verb === 'delete').length;
    while (tries() < 12 && !brake.stop) {
      clock.jump(5_000);
      await letSocketsSpeak();
    }

    expect(brake.stop).toBeUndefined();
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

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
import { JUMP_LEASE, JumpClock } from '../../test/support/jump-clock.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';
import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { LabRecordsService } from './history/lab-records.service.js';
import { LabView } from './lab.view.js';
import { LabsMetrics } from './labs.metrics.js';

describe('what is rare, end to end', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  const runtimes: Runtime[] = [];

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.02 });
    proxy = await startFaultProxy({ target: cluster.api.url });
  });

  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    proxy.clear();
  });

  afterAll(async () => {
    await proxy.close();
    await cluster.close();
  });

  async function start({
    clock = new JumpClock(),
    through = proxy,
    identity = 'same',
  } = {}): Promise<Runtime> {
    const settings = someRuntimeSettings({ lab: { spawnTimeout: '1h', deleteTimeout: '10m' } });
    const kubeconfig = through.kubeconfig('berth');
    // One identity, so that the next life need not wait for the lease of the one before.
    const runtime = await startRuntime({ kubeconfig, settings, identity, clock, lease: JUMP_LEASE });
    runtimes.push(runtime);
    await runtime.readiness.whenReady();
    return runtime;
  }

  const podsOf = (user: string) =>
    cluster.api.store.dump('pods').filter(({ metadata }) => metadata.namespace === `userlabs-${user}`);
  const namespaceOf = (user: string) =>
    cluster.api.store.dump('namespaces').find(({ metadata }) => metadata.name === `userlabs-${user}`);

  /** Lets time pass in small steps, each long enough for a call to be answered, until `isOver`. */
  async function patiently(clock: JumpClock, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      clock.jump(500);
      await letSocketsSpeak();
    }
  }

  async function spawnAndStop({ labs }: Runtime, user: string): Promise<void> {
    await labs.create(aCreate(user));
    await storyOf(labs, user);
    await labs.remove(user);
  }

  it('fails a spawn whose process died between the Lab and its request', async () => {
    let dead = false;
    const isRequest = ({ verb, resource, body }: { verb: string; resource: string; body: string }) =>
      (dead ||= verb === 'create' && resource === 'secrets' && body.includes('lab-request'));
    const mortal = await startFaultProxy({ target: cluster.api.url });
    mortal.add({ match: { where: isRequest }, action: { do: 'hang' } });
    const first = await start({ through: mortal });
    first.labs.create(aCreate('rachel')).catch(() => undefined);
    await until(() => dead, 'its death');
    await mortal.close();
    // Nobody waits for the dead; what it still tries does not get through.
    runtimes.length = 0;
    void first.close();

    const clock = new JumpClock();
    const second = await start({ clock });
    await until(() => second.leadership.leading, 'leadership');
    let isOver = false;
    const story = await Promise.all([
      storyOf(second.labs).finally(() => (isOver = true)),
      patiently(clock, () => isOver),
    ]).then(([told]) => told);

    expect(story.slice(-2).map(({ entry }) => entry.reason)).toEqual(['request_incomplete', 'spawn_failed']);
    expect(namespaceOf('rachel')).toBeUndefined();
    await second.labs.create(aCreate('rachel'));
    expect((await storyOf(second.labs)).at(-1)?.entry.event).toBe('complete');
  });

  it('takes the request away that came after the spawn had been stopped, also in the next life', async () => {
    const first = await start();
    const requests = () =>
      cluster.api.store.dump('secrets').filter(({ metadata }) => metadata.name.startsWith('lab-request'));
    const isRequest = ({ verb, resource, body }: { verb: string; resource: string; body: string }) =>
      verb === 'create' && resource === 'secrets' && body.includes('lab-request');
    for (const user of ['sue', 'tim']) {
      const gate = proxy.gate({ where: isRequest, times: 1 }, 'before');
      const created = first.labs.create(aCreate(user));
      await until(() => gate.arrivals > 0, 'the request');
      await first.labs.remove(user);
      if (user === 'tim')
        proxy.add({ match: { verb: 'delete', resource: 'secrets' }, action: { do: 'answer', status: 500 } });
      gate.release();
      await created;
      await until(() => requests().length === (user === 'tim' ? 1 : 0), 'what becomes of it');
    }
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    proxy.clear();

    await start();

    await until(() => requests().length === 0, 'its end');
  });

  it('leaves a Lab alone that it has forgotten and another finalizer keeps', async () => {
    const runtime = await start();
    await runtime.labs.create(aCreate('flo'));
    await storyOf(runtime.labs, 'flo');
    const path = '/apis/berth.dev/v1alpha1/namespaces/berth/labs/flo';
    const headers = { 'content-type': 'application/merge-patch+json' };
    const finalizers = ['berth.dev/lab', 'example.com/backup'];
    const body = JSON.stringify({ metadata: { finalizers } });
    await fetch(cluster.api.url + path, { method: 'PATCH', headers, body });
    await fetch(cluster.api.url + path, { method: 'DELETE' });
    const flo = () =>
      cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === 'flo');
    await until(() => flo()?.metadata.finalizers?.length === 1, 'our finalizer to go');
    const writes = () => proxy.requests.filter(({ verb }) => verb === 'patch').length;
    const before = writes();

    await new Promise((resolve) => setTimeout(resolve, 1500));

    expect(writes()).toBe(before);
  });

  it('finds the request that another process wrote while its own watch on Secrets is frozen', async () => {
    const isOfRequests = ({ path }: { path: string }) => decodeURIComponent(path).includes('lab-request');
    proxy.add({
      match: { verb: 'watch', where: isOfRequests },
      action: { do: 'freeze', after: 0 },
    });
    const clock = new JumpClock();
    const leader = await start({ clock });
    await until(() => leader.leadership.leading, 'a leader that hears of no Secret');
    const straight = await startFaultProxy({ target: cluster.api.url });
    const other = await start({ through: straight, identity: 'other' });

    await other.labs.create(aCreate('wanda'));
    let isOver = false;
    const story = await Promise.all([
      storyOf(other.labs, 'wanda').finally(() => (isOver = true)),
      patiently(clock, () => isOver),
    ]).then(([told]) => told);

    expect(story.at(-1)?.entry.event).toBe('complete');
    expect(leader.leadership.leading).toBe(true);
    await straight.close();
  });

  it('makes a Service again each time it is deleted, also after an answer of the API server was lost', async () => {
    const service = '/api/v1/namespaces/userlabs-sally/services/lab';
    const isThere = () =>
      cluster.api.store
        .dump('services')
        .some(({ metadata }) => metadata.namespace === 'userlabs-sally' && metadata.name === 'lab');
    const asked = (): number =>
      proxy.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'services').length;
    const clock = new JumpClock();
    const leader = await start({ clock });
    await until(() => leader.leadership.leading, 'leadership');
    await leader.labs.create(aCreate('sally'));
    await storyOf(leader.labs, 'sally');
    await until(isThere, 'a Service');

    const before = asked();
    proxy.add({
      match: { verb: 'create', resource: 'services', times: 1 },
      action: { do: 'reset', at: 'after' },
    });
    await fetch(cluster.api.url + service, { method: 'DELETE' });
    await until(() => isThere() && asked() === before + 2, 'the Service, made and then asked for again');
    await letSocketsSpeak();
    await fetch(cluster.api.url + service, { method: 'DELETE' });
    await letSocketsSpeak();
    clock.jump(60_000);

    await until(isThere, 'the Service once more');
  });

  it('forces the pod of a lab that is stopped off a silent node, and not before', async () => {
    const clock = new JumpClock();
    const runtime = await start({ clock });
    await runtime.labs.create(aCreate('dario'));
    await storyOf(runtime.labs, 'dario');
    const node = (podsOf('dario')[0] as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName ?? '';
    await cluster.kubelets.kubelet(node).markNotReady();
    const forced = () =>
      proxy.requests.filter(
        ({ verb, resource, body }) =>
          verb === 'delete' && resource === 'pods' && body.includes('"gracePeriodSeconds":0'),
      ).length;

    expect((await runtime.labs.status('dario', {})).phase).toBe('running');
    const stopped = runtime.labs.remove('dario');
    await until(() => podsOf('dario')[0]?.metadata.deletionTimestamp !== undefined, 'the deletion');
    await letSocketsSpeak();
    expect(forced()).toBe(0);
    clock.jump(60_000);
    await stopped;

    expect(forced()).toBe(1);
    expect(namespaceOf('dario')).toBeUndefined();
    await cluster.kubelets.kubelet(node).recover();
  });

  it('reports the running lab of a silent node to operator, owner, metric and log, and leaves it alone', async () => {
    const runtime = await start();
    const records = runtime.get(LabRecordsService);
    const metrics = new Metrics({ version: '0' });
    new LabsMetrics(metrics, runtime.get(EventBus), runtime.get(LabView));
    const gauge = async () => (await metrics.print()).match(/^berth_labs_on_silent_nodes .*$/m)?.[0];
    const told = () => records.causes().find(({ reason }) => reason === 'node_silent');
    await runtime.labs.create(aCreate('nora'));
    await storyOf(runtime.labs, 'nora');
    await until(() => runtime.labs.running().includes('nora'), 'a lab that runs');
    const node = (podsOf('nora')[0] as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName ?? '';
    expect([told(), await gauge()]).toEqual([undefined, 'berth_labs_on_silent_nodes 0']);

    await cluster.kubelets.kubelet(node).markNotReady();
    await until(() => told() !== undefined, 'that it is told');

    // Labs that other cases left on that node are silent with it.
    const { count = 0, users } = told() ?? {};
    expect(users).toContain('nora');
    expect(told()).toMatchObject({ running: count, waiting: 0, failed: 0, who: 'operator' });
    expect(await gauge()).toBe(`berth_labs_on_silent_nodes ${String(count)}`);
    expect((await records.history('nora', {})).current).toMatchObject({
      phase: 'running',
      cause: `Node ${node}, which runs the lab, does not report; the lab is left alone`,
    });
    const warned = runtime.log.lines.filter(({ fields }) => fields['reason'] === 'node_silent');
    expect(warned.map(({ level, fields }) => [level, fields['node'], fields['labs']])).toEqual([
      ['warn', node, count],
    ]);
    await cluster.kubelets.kubelet(node).recover();
    await until(() => told() === undefined, 'that it is over');

    expect(await gauge()).toBe('berth_labs_on_silent_nodes 0');
    expect((await records.history('nora', {})).current?.cause).toBeNull();
    await runtime.labs.remove('nora');
  });

  it('replaces a pod that an earlier operation’s late write put into the new namespace', async () => {
    const runtime = await start();
    const gate = proxy.gate({ verb: 'create', resource: 'pods', times: 1 }, 'before');
    await runtime.labs.create(aCreate('late'));
    await until(() => gate.arrivals > 0, 'our own pod');
    const labels = {
      'nublado.lsst.io/category': 'lab',
      'nublado.lsst.io/user': 'late',
      'berth.dev/operation': 'aaaaaaaaaa',
    };
    const containers = [{ name: 'notebook', image: 'registry.example.org/science/lab:old' }];
    const stray = { metadata: { name: 'late-nb', labels }, spec: { containers } };
    const headers = { 'content-type': 'application/json' };
    const url = `${cluster.api.url}/api/v1/namespaces/userlabs-late/pods`;
    const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify(stray) });
    expect(made.status).toBe(201);
    gate.release();

    const story = await storyOf(runtime.labs, 'late');

    expect(story.at(-1)?.entry.event).toBe('complete');
    expect(podsOf('late')).toHaveLength(1);
    expect(podsOf('late')[0]?.metadata.labels?.['berth.dev/operation']).not.toBe('aaaaaaaaaa');
  });

  it('says whose pod stands where that of the lab belongs, and clears it away with the next start', async () => {
    const runtime = await start();
    const gate = proxy.gate({ verb: 'create', resource: 'pods', times: 1 }, 'before');
    await runtime.labs.create(aCreate('squat'));
    await gate.reached;
    const containers = [{ name: 'web', image: 'registry.example.org/web:1' }];
    const stray = { metadata: { name: 'squat-nb', labels: { app: 'web' } }, spec: { containers } };
    const headers = { 'content-type': 'application/json' };
    const url = `${cluster.api.url}/api/v1/namespaces/userlabs-squat/pods`;
    const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify(stray) });
    expect(made.status).toBe(201);
    gate.release();

    const [cause] = (await storyOf(runtime.labs, 'squat')).slice(-2);

    expect(cause?.entry).toMatchObject({
      reason: 'pod_taken',
      message: 'Pod userlabs-squat/squat-nb exists and was not made by this controller',
      evidence: expect.stringContaining('it names no owner; labels app=web') as string,
      who: 'operator',
    });
    await runtime.labs.create(aCreate('squat'));
    expect((await storyOf(runtime.labs, 'squat')).at(-1)?.entry.event).toBe('complete');
  });

  it('says that the API server does not answer while it is to create an object', async () => {
    const clock = new JumpClock();
    const runtime = await start({ clock });
    const isPod = { verb: 'create', resource: 'pods', times: 1 };
    proxy.add({ match: isPod, action: { do: 'hang', at: 'before' } });
    await runtime.labs.create(aCreate('mute'));

    let isOver = false;
    const [story] = await Promise.all([
      storyOf(runtime.labs, 'mute').finally(() => (isOver = true)),
      patiently(clock, () => isOver),
    ]);

    const told = story.find(({ entry }) => entry.reason === 'api_silent')?.entry;
    expect(told?.message).toBe('The API server does not answer when it is to create a Pod');
    expect(story.at(-1)?.entry.event).toBe('complete');
  });

  /**
   * @promise nothing is hidden
   * @fault the API server refuses to delete the pod of a lab that is to go
   * @outcome whoever deletes it is told that it failed when the time is over, and operators the words of the refusal
   */
  it('reports to operators why a lab could not be removed in time', async () => {
    const clock = new JumpClock();
    const runtime = await start({ clock });
    await runtime.labs.create(aCreate('una'));
    await storyOf(runtime.labs, 'una');
    const message = 'admission webhook "keep.example.org" denied the request: kept';
    proxy.add({
      match: { verb: 'delete', resource: 'pods' },
      action: { do: 'answer', status: 403, message },
    });

    let isOver = false;
    const answer = runtime.labs.remove('una').finally(() => (isOver = true));
    const told = expect(answer).rejects.toMatchObject({ status: 500, code: 'delete_failed' });
    await patiently(clock, () => isOver);

    await told;
    expect(runtime.log.lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'lab could not be removed in time',
      fields: {
        lab: 'una',
        user: 'una',
        reason: 'removal_refused',
        evidence: expect.stringContaining('denied the request: kept') as string,
      },
    });
  });

  /**
   * @promise nothing is hidden
   * @fault the API server stores nothing any more, and answers reads as ever
   * @outcome whoever asks for a lab is asked to come again, and not told of another operation that does not exist
   */
  it.each([
    ['zoe', 'create', 500],
    ['stan', 'patch', 500],
    ['stan', 'patch', 409],
  ])('asks %s to come again while each %s of a Lab is answered %d', async (user, verb, status) => {
    const clock = new JumpClock();
    const runtime = await start({ clock });
    if (verb === 'patch') await spawnAndStop(runtime, user);
    const message = 'etcdserver: mvcc: database space exceeded';
    proxy.add({ match: { verb, resource: 'labs' }, action: { do: 'answer', status, message } });

    let isOver = false;
    const answer = runtime.labs.create(aCreate(user)).finally(() => (isOver = true));
    const told = expect(answer).rejects.toMatchObject({ status: 503, code: 'not_ready' });
    await patiently(clock, () => isOver);

    await told;
    proxy.clear();
    await runtime.labs.create(aCreate(user));
    expect((await storyOf(runtime.labs, user)).at(-1)?.entry.event).toBe('complete');
    await runtime.labs.remove(user);
  });
});

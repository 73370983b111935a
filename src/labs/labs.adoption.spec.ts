import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  aCreate,
  imageOf,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { makeNubladoLab } from '../../test/support/nublado-lab.js';
import { until } from '../../test/support/until.js';
import { Run } from '../reconcile/run.js';
import { LabView } from './lab.view.js';
import { LabsAdoption } from './labs.adoption.js';
import { LabExists, OperationInProgress } from './labs.errors.js';

const GI = 1024 ** 3;
const amount = (cores: number, memory: number): object => ({ cpu: cores * 1000, memory });

const HANGING = { 'science/hanging': { failure: 'hang' } } as const;

describe('a lab that a Nublado controller made', () => {
  let cluster: Cluster;
  let runtime: Runtime;

  beforeAll(async () => {
    const scripts = { ...HANGING, 'science/brief': { runMs: 0 } } as const;
    cluster = await startLabCluster({ scripts, timeScale: 0.02 });
    await makeNubladoLab(cluster, {
      user: 'amy',
      image: imageOf('lab'),
      name: 'Amy Whoever',
      gid: 2028,
      groups: [
        { name: 'amy', id: 1101 },
        { name: 'lunatics', id: 2028 },
      ],
      quota: { 'limits.cpu': '9', 'limits.memory': String(27 * GI) },
      env: { DEBUG: 'TRUE' },
    });
    await makeNubladoLab(cluster, {
      user: 'ben',
      image: imageOf('hanging'),
      limits: { cpu: '3.0', memory: 5 * GI },
      env: { RESET_USER_ENV: 'TRUE', DEBUG: 'false' },
    });
    await makeNubladoLab(cluster, { user: 'cyd', image: imageOf('brief') });
    await makeNubladoLab(cluster, { user: 'fay', image: imageOf('hanging'), name: 'F'.repeat(1100) });
    await makeNubladoLab(cluster, { user: 'dot', image: imageOf('lab'), without: 'pod' });
    const pods = () => cluster.api.store.dump('pods') as { metadata: object; status?: { phase?: string } }[];
    const phases = () => pods().map(({ status }) => status?.phase);
    await until(() => phases().includes('Succeeded') && phases().includes('Running'), 'pods have run');
    runtime = await startRuntime({
      kubeconfig: cluster.kubeconfig('berth'),
      settings: someRuntimeSettings(),
    });
    await runtime.readiness.whenReady();
  });

  afterAll(async () => {
    await runtime.close();
    await cluster.close();
  });

  const namespaceOf = (user: string) =>
    cluster.api.store.dump('namespaces').find(({ metadata }) => metadata.name === `userlabs-${user}`);

  it('is adopted with user, size, options, quota and URL, as its objects tell them', async () => {
    expect(await runtime.labs.status('amy', {})).toEqual({
      owner: {
        username: 'amy',
        name: 'Amy Whoever',
        uid: 1101,
        gid: 2028,
        groups: [
          { name: 'amy', id: 1101 },
          { name: 'lunatics', id: 2028 },
        ],
      },
      image: imageOf('lab'),
      size: 'small',
      options: { enableDebug: true, resetUserEnv: false },
      phase: 'running',
      internalUrl: 'http://lab.userlabs-amy:8888/nb/user/amy/',
      resources: { limits: amount(1, 3 * GI), requests: amount(0.25, 0.75 * GI) },
      quota: amount(9, 27 * GI),
    });
    expect(runtime.labs.running()).toEqual(['amy']);
  });

  it('is adopted with a display name that is too long for a record', async () => {
    const { owner } = await runtime.labs.status('fay', {});

    expect(owner.name).toHaveLength(1024);
  });

  it('has a story that ends, and a second one is refused', async () => {
    expect((await storyOf(runtime.labs, 'amy')).at(-1)?.entry.event).toBe('complete');
    await expect(runtime.labs.create(aCreate('amy'))).rejects.toBeInstanceOf(LabExists);
  });

  it('goes on waiting where it waited, with a size of its own where none fits', async () => {
    expect(await runtime.labs.status('ben', {})).toMatchObject({
      owner: { name: null },
      size: 'custom',
      options: { enableDebug: false, resetUserEnv: true },
      phase: 'pending',
      resources: { limits: amount(3, 5 * GI) },
      quota: null,
    });
    await expect(runtime.labs.create(aCreate('ben'))).rejects.toBeInstanceOf(OperationInProgress);
  });

  it('is a failed lab if it had ended, until the next create replaces it', async () => {
    expect((await storyOf(runtime.labs, 'cyd')).at(-1)?.entry.event).toBe('failed');
    expect((await runtime.labs.status('cyd', {})).phase).toBe('failed');

    await runtime.labs.create(aCreate('cyd'));

    expect((await storyOf(runtime.labs, 'cyd')).at(-1)?.entry.event).toBe('complete');
  });

  it('is left alone where there is no pod, and nobody is told of a lab', async () => {
    await expect(runtime.labs.status('dot', {})).rejects.toMatchObject({ code: 'unknown_user' });
    expect(namespaceOf('dot')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('is not adopted once more by a leader whose cache has not heard of its marks', async () => {
    const operationOf = () =>
      cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === 'amy')?.['spec'];
    const before = operationOf();
    const about = { queue: 'labs', key: 'amy', reconcileId: 'late' };
    const run = new Run(about, new AbortController().signal, runtime.log);
    const lab = runtime.get(LabView).labs.find('amy');

    // As the decision is where the cache lags behind.
    const outcome = lab && (await runtime.get(LabsAdoption).renew(lab, run));

    expect(outcome?.kind).toBe('again');
    expect(operationOf()).toEqual(before);
  });

  it('is ours from then on: removed whole when it is deleted', async () => {
    expect(namespaceOf('amy')?.metadata.annotations).toMatchObject({ 'berth.dev/instance': 'berth' });

    await runtime.labs.remove('amy');
    await runtime.labs.remove('ben');

    expect(namespaceOf('amy')).toBeUndefined();
    expect(namespaceOf('ben')).toBeUndefined();
  });
});

describe('a lab that cannot be adopted', () => {
  async function startWithOneLab(): Promise<FaultProxy> {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    onTestFinished(() => cluster.close());
    await makeNubladoLab(cluster, { user: 'eli', image: imageOf('lab') });
    const proxy = await startFaultProxy({ target: cluster.api.url });
    onTestFinished(() => proxy.close());
    return proxy;
  }

  it('keeps nobody waiting but whoever asks for it', async () => {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    onTestFinished(() => cluster.close());
    await makeNubladoLab(cluster, { user: 'eli', image: imageOf('lab'), without: 'environment' });
    const kubeconfig = cluster.kubeconfig('berth');
    const runtime = await startRuntime({ kubeconfig, settings: someRuntimeSettings() });
    onTestFinished(() => runtime.close());

    const adoption = runtime.get(LabsAdoption);

    await runtime.labs.create(aCreate('flo'));

    expect(adoption.isPendingFor('eli')).toBe(true);
    await until(() => adoption.pending().length === 0, 'what it lacks has been found out');
    expect(runtime.readiness.ready).toBe(true);
    expect(adoption.isPendingFor('eli')).toBe(true);
  });

  it('is adopted as soon as its record can be written, as when the definition of labs is installed anew', async () => {
    const proxy = await startWithOneLab();
    const message = 'create not allowed while custom resource definition is terminating';
    proxy.add({
      match: { verb: 'create', resource: 'labs', times: 2 },
      action: { do: 'answer', status: 405, reason: 'MethodNotAllowed', message },
    });
    const runtime = await startRuntime({
      kubeconfig: proxy.kubeconfig('berth'),
      settings: someRuntimeSettings(),
    });
    onTestFinished(() => runtime.close());

    await until(() => runtime.labs.running().includes('eli'), 'its adoption');

    expect(runtime.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('keeps nobody waiting either where the API server refuses its record, and is told of', async () => {
    const proxy = await startWithOneLab();
    const message = 'Lab.berth.dev "eli" is invalid: spec.user.groups: Too many';
    proxy.add({
      match: { verb: 'create', resource: 'labs' },
      action: { do: 'answer', status: 422, reason: 'Invalid', message },
    });
    const settings = someRuntimeSettings({ lab: { reconcileInterval: '1s' } });
    const runtime = await startRuntime({ kubeconfig: proxy.kubeconfig('berth'), settings });
    onTestFinished(() => runtime.close());

    await until(() => runtime.readiness.ready, 'readiness');

    expect(runtime.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { namespace: 'userlabs-eli', refused: message } },
    ]);
    proxy.clear();
    await until(() => runtime.labs.running().includes('eli'), 'its adoption');
  });
});

describe('a lab that is being adopted', () => {
  /**
   * @promise nothing is lost
   * @fault a lab that Nublado’s controller started is deleted while Berth cannot mark its namespace yet
   * @outcome the request waits for the mark; then pod and namespace go before it is answered
   */
  it('is removed whole by whoever deletes it before its namespace is marked', async () => {
    const cluster = await startLabCluster({ scripts: HANGING, timeScale: 0.02 });
    onTestFinished(() => cluster.close());
    await makeNubladoLab(cluster, { user: 'ned', image: imageOf('hanging') });
    const proxy = await startFaultProxy({ target: cluster.api.url });
    onTestFinished(() => proxy.close());
    const mark = { verb: 'patch', resource: 'namespaces', times: 1 } as const;
    const gate = proxy.gate(mark, 'before');
    proxy.add({
      match: mark,
      action: { do: 'answer', status: 409, reason: 'Conflict', message: 'modified' },
    });
    const kubeconfig = proxy.kubeconfig('berth');
    const runtime = await startRuntime({ kubeconfig, settings: someRuntimeSettings() });
    onTestFinished(() => runtime.close());
    await until(() => gate.arrivals > 0, 'the mark');

    const removed = runtime.labs.remove('ned');
    const early = await Promise.race([removed.then(() => 'removed'), sleep(500, 'waiting')]);
    gate.release();
    await removed;

    expect(early).toBe('waiting');
    const names = cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
    expect(names).not.toContain('userlabs-ned');
  });
});

describe('a lab that a Nublado controller started anew', () => {
  /**
   * @promise nothing is lost
   * @fault an operator goes back to Nublado’s controller, people start their labs anew there, and Berth finds its old records
   * @outcome the labs are adopted under them before the first answer: nobody is told of an end, and no removal is counted
   */
  it('is adopted under the record of the one before', async () => {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    onTestFinished(() => cluster.close());
    const kubeconfig = cluster.kubeconfig('berth');
    const settings = someRuntimeSettings();
    const before = await startRuntime({ kubeconfig, settings });
    const users = Array.from({ length: 12 }, (_, index) => `kim${'abcdefghijkl'.charAt(index)}`);
    for (const user of users) await before.labs.create(aCreate(user));
    for (const user of users) await storyOf(before.labs, user);
    await before.close();
    const dumped = (kind: string, name: string) =>
      cluster.api.store.dump(kind).find(({ metadata }) => metadata.name === name);
    for (const user of users)
      await fetch(`${cluster.api.url}/api/v1/namespaces/userlabs-${user}`, { method: 'DELETE' });
    await until(() => !users.some((user) => dumped('namespaces', `userlabs-${user}`)), 'their ends');
    for (const user of users) await makeNubladoLab(cluster, { user, image: imageOf('lab') });

    const runtime = await startRuntime({ kubeconfig, settings });
    onTestFinished(() => runtime.close());
    const told = await Promise.all(users.map((user) => runtime.labs.status(user, {})));

    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(['running']));
    const labs = cluster.api.store.dump('labs.berth.dev') as unknown as { status: { past?: unknown } }[];
    expect(labs.flatMap(({ status }) => status.past ?? [])).toEqual([]);
    const leases = JSON.stringify(cluster.api.store.dump('leases.coordination.k8s.io'));
    expect(leases).not.toContain('berth.dev/removals');
    await runtime.labs.remove('kima');
    expect(dumped('namespaces', 'userlabs-kima')).toBeUndefined();
  });
});

describe('a lab whose user has the name of somebody before', () => {
  it('is adopted without that person’s past', async () => {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    onTestFinished(() => cluster.close());
    const kubeconfig = cluster.kubeconfig('berth');
    const before = await startRuntime({ kubeconfig, settings: someRuntimeSettings() });
    const former = { name: 'Old', uid: 9999, gid: 9999, groups: [] };
    for (const username of ['pat', 'ray']) {
      await before.labs.create(aCreate(username, 'lab', { user: { ...former, username } }));
      await storyOf(before.labs, username);
    }
    await before.labs.remove('pat');
    await before.close();
    await fetch(`${cluster.api.url}/api/v1/namespaces/userlabs-ray`, { method: 'DELETE' });
    const namespaces = () => cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
    await until(() => !namespaces().includes('userlabs-ray'), 'its end');
    for (const user of ['pat', 'ray']) await makeNubladoLab(cluster, { user, image: imageOf('lab') });

    const runtime = await startRuntime({ kubeconfig, settings: someRuntimeSettings() });
    onTestFinished(() => runtime.close());
    const told = await Promise.all(['pat', 'ray'].map((user) => runtime.labs.status(user, {})));

    expect(told.map(({ owner, phase }) => [owner.uid, phase])).toEqual([
      [1101, 'running'],
      [1101, 'running'],
    ]);
    const labs = cluster.api.store.dump('labs.berth.dev') as unknown as { status: { past?: unknown } }[];
    expect(labs.flatMap(({ status }) => status.past ?? [])).toEqual([]);
  });
});

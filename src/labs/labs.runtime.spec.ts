import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import {
  aCreate,
  imageOf,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import { NOBODY } from '../auth/index.js';
import { LabExists, OperationInProgress, TooManyStreams, UnknownUser } from './labs.errors.js';

interface StoredLab {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Record<string, string> };
  readonly spec: { readonly operation: { readonly id: string; readonly kind: string } };
  readonly status?: {
    readonly phase: string;
    readonly failure?: { readonly reason: string };
    readonly past?: readonly { readonly end: string }[];
  };
}

describe('labs on a cluster', () => {
  let cluster: Cluster;
  let runtime: Runtime;

  beforeAll(async () => {
    const scripts = {
      'science/missing': { failure: 'imageMissing' },
      'science/hanging': { failure: 'hang' },
    } as const;
    cluster = await startLabCluster({ scripts, timeScale: 0.02 });
    const image = { repository: 'registry.example.org/science/prepare', tag: '1' };
    const initContainers = [{ name: 'prepare', image, privileged: false }];
    const settings = someRuntimeSettings({ lab: { initContainers } });
    runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    await runtime.readiness.whenReady();
  });

  afterAll(async () => {
    await runtime.close();
    await cluster.close();
  });

  const objects = (resource: string, user: string): { metadata: { name?: string } }[] =>
    cluster.api.store.dump(resource).filter((one) => one.metadata.namespace === `userlabs-${user}`);
  const namespaceOf = (user: string) =>
    cluster.api.store.dump('namespaces').find((one) => one.metadata.name === `userlabs-${user}`);
  const labOf = (user: string): StoredLab | undefined =>
    cluster.api.store.dump('labs.berth.dev').find((one) => one.metadata.name === user) as
      StoredLab | undefined;
  const requestsLeft = (): unknown[] =>
    cluster.api.store
      .dump('secrets')
      .filter((one) => (one as { type?: string }).type === 'berth.dev/lab-request');
  const api = async (
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<void> => {
    const headers = { 'content-type': type };
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers };
    const answer = await fetch(cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const spawned = async (user: string, image?: string): Promise<void> => {
    await runtime.labs.create(aCreate(user, image));
    await storyOf(runtime.labs, user);
  };

  it('brings a lab up with all its objects, and its request is gone', async () => {
    await runtime.labs.create(aCreate('amy'));

    const story = await storyOf(runtime.labs, 'amy');

    expect(story[0]?.entry.message).toBe('Starting lab creation for amy');
    expect(story[1]?.entry).toMatchObject({
      message: 'Created Kubernetes objects for user lab',
      progress: 30,
    });
    expect(story.at(-1)?.entry).toMatchObject({
      event: 'complete',
      message: 'Lab Kubernetes pod started for amy',
    });
    expect(objects('pods', 'amy')).toHaveLength(1);
    expect(objects('services', 'amy').map((one) => one.metadata.name)).toEqual(['lab']);
    expect(objects('secrets', 'amy').map((one) => one.metadata.name)).toContain('amy-nb');
    expect(await runtime.labs.status('amy', {})).toMatchObject({
      phase: 'running',
      internalUrl: 'http://lab.userlabs-amy:8888/nb/user/amy/',
      image: imageOf('lab'),
    });
    expect(runtime.labs.running()).toContain('amy');
    await until(() => requestsLeft().length === 0, 'the request is gone');
  });

  it('takes a lab down and leaves only its record', async () => {
    await spawned('ben');

    await runtime.labs.remove('ben');

    expect(namespaceOf('ben')).toBeUndefined();
    await expect(runtime.labs.status('ben', {})).rejects.toBeInstanceOf(UnknownUser);
    await expect(runtime.labs.remove('ben')).rejects.toBeInstanceOf(UnknownUser);
    await until(() => labOf('ben')?.metadata.labels['berth.dev/state'] === 'stopped', 'the record is filed');
    expect(labOf('ben')?.status).toMatchObject({ phase: 'stopped', past: [{ end: 'stopped' }] });
  });

  it('starts again over the record of an earlier life', async () => {
    await spawned('cyd');
    await runtime.labs.remove('cyd');

    await spawned('cyd');

    expect((await runtime.labs.status('cyd', {})).phase).toBe('running');
    expect(labOf('cyd')?.status?.past).toHaveLength(1);
  });

  it('lets one of two racing creates win', async () => {
    const results = await Promise.allSettled([
      runtime.labs.create(aCreate('dot')),
      runtime.labs.create(aCreate('dot')),
      runtime.labs.create(aCreate('dot')),
    ]);

    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(2);
    for (const error of refused) expect(error).toMatchObject({ status: 409 });
  });

  it('refuses a second lab, in the contract’s words for each state', async () => {
    await runtime.labs.create(aCreate('eve', 'hanging'));

    await expect(runtime.labs.create(aCreate('eve'))).rejects.toBeInstanceOf(OperationInProgress);
    await spawned('eva');
    await expect(runtime.labs.create(aCreate('eva'))).rejects.toBeInstanceOf(LabExists);
  });

  it('cancels a spawn and tells its readers so', async () => {
    await runtime.labs.create(aCreate('fay', 'hanging'));
    const reading = storyOf(runtime.labs, 'fay');
    await until(() => objects('pods', 'fay').length === 1, 'the pod exists');

    await runtime.labs.remove('fay');

    const story = await reading;
    expect(story.at(-1)).toMatchObject({ entry: { event: 'failed', message: 'Operation cancelled' } });
    expect(story.at(-1)?.id).toBeUndefined();
    expect(namespaceOf('fay')).toBeUndefined();
  });

  it('cancels a spawn at once that has hardly begun', async () => {
    await runtime.labs.create(aCreate('fin'));

    await runtime.labs.remove('fin');

    expect(namespaceOf('fin')).toBeUndefined();
    await expect(runtime.labs.status('fin', {})).rejects.toBeInstanceOf(UnknownUser);
  });

  it('fails with a cause, a remedy and the contract’s last word', async () => {
    await runtime.labs.create(aCreate('gus', 'missing'));

    const story = await storyOf(runtime.labs, 'gus');

    expect(story.slice(-2).map(({ entry }) => [entry.event, entry.reason])).toEqual([
      ['error', 'image_missing'],
      ['failed', 'spawn_failed'],
    ]);
    expect(story.at(-1)?.entry).toMatchObject({ message: 'Lab spawn failed', who: 'user' });
    expect((await runtime.labs.status('gus', {})).phase).toBe('failed');
  });

  it('tells last words without the secrets in them', async () => {
    cluster.kubelets.setScript('science/prepare', {
      failure: 'crash',
      lastWords: 'no home, PASSWORD=hunter2',
    });
    await runtime.labs.create(aCreate('hal'));

    const story = await storyOf(runtime.labs, 'hal');
    cluster.kubelets.setScript('science/prepare', undefined);

    const text = JSON.stringify(story);
    expect(story.at(-2)?.entry).toMatchObject({ event: 'error', reason: 'init_container_failed' });
    expect(text).toContain('no home');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('gt-token-of-hal');
  });

  it('replaces a failed lab, and says what it does', async () => {
    await spawned('ida', 'missing');

    await runtime.labs.create(aCreate('ida'));
    const story = await storyOf(runtime.labs, 'ida');

    expect(story.slice(0, 6).map(({ entry }) => entry.progress)).toEqual([1, 2, 5, 12, 20, 30]);
    expect(story.at(-1)?.entry.event).toBe('complete');
    expect(labOf('ida')?.status?.past).toMatchObject([{ end: 'image_missing' }]);
  });

  it('resumes a story without gap or repeat, and ends it at once when it is over', async () => {
    await spawned('jan');
    const whole = await storyOf(runtime.labs, 'jan');

    for (const [index, item] of whole.entries()) {
      const rest = await storyOf(runtime.labs, 'jan', item.id);

      expect(rest).toEqual(whole.slice(index + 1));
    }
    expect(await storyOf(runtime.labs, 'jan', 'otheroper2-3')).toEqual(whole);
  });

  it('tells every reader the same', async () => {
    await runtime.labs.create(aCreate('kim'));

    const stories = await Promise.all(Array.from({ length: 8 }, () => storyOf(runtime.labs, 'kim')));

    for (const story of stories) expect(story).toEqual(stories[0]);
  });

  it('gives one user no more streams than configured', async () => {
    await runtime.labs.create(aCreate('lea', 'hanging'));
    const open = await Promise.all(Array.from({ length: 20 }, () => runtime.labs.progress('lea', undefined)));

    await expect(runtime.labs.progress('lea', undefined)).rejects.toBeInstanceOf(TooManyStreams);
    open[0]?.close();
    const again = await runtime.labs.progress('lea', undefined);

    for (const stream of [...open, again]) stream.close();
  });

  it('never touches a namespace that is not ours', async () => {
    await api('POST', '/api/v1/namespaces', { metadata: { name: 'userlabs-moe' } });

    await spawned('moe');

    expect((await runtime.labs.status('moe', {})).phase).toBe('failed');
    expect(labOf('moe')?.status?.failure?.reason).toBe('namespace_taken');
    expect(namespaceOf('moe')?.metadata.deletionTimestamp).toBeUndefined();
    await runtime.labs.remove('moe');
    expect(namespaceOf('moe')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('records why a running lab ended, and clears it away', async () => {
    await spawned('ned');

    await cluster.kubelets.evict({ namespace: 'userlabs-ned', name: 'ned-nb' });

    await until(() => labOf('ned')?.metadata.labels['berth.dev/state'] === 'stopped', 'the lab is stopped');
    expect(labOf('ned')?.status).toMatchObject({
      failure: { reason: 'evicted' },
      past: [{ end: 'evicted' }],
    });
    expect(namespaceOf('ned')).toBeUndefined();
    await expect(runtime.labs.status('ned', {})).rejects.toBeInstanceOf(UnknownUser);
  });

  it('stops and forgets a lab whose resource somebody deleted', async () => {
    await spawned('ona');

    await api('DELETE', '/apis/berth.dev/v1alpha1/namespaces/berth/labs/ona');

    await until(() => labOf('ona') === undefined, 'the lab is forgotten');
    expect(namespaceOf('ona')).toBeUndefined();
  });

  it('stops a lab that somebody stopped by kubectl', async () => {
    await spawned('pip');

    const patch = { spec: { desiredState: 'stopped' } };
    await api(
      'PATCH',
      '/apis/berth.dev/v1alpha1/namespaces/berth/labs/pip',
      patch,
      'application/merge-patch+json',
    );

    await until(() => labOf('pip')?.metadata.labels['berth.dev/state'] === 'stopped', 'the lab is stopped');
    expect(labOf('pip')?.spec.operation.kind).toBe('stop');
    expect(namespaceOf('pip')).toBeUndefined();
  });

  it('keeps a name’s next owner from the lab of the one before', async () => {
    await spawned('quy');
    const first = labOf('quy')?.metadata.uid;
    const { user } = aCreate('quy');
    const seenByNext = runtime.labs.progress('quy', undefined, { uid: 9999 });
    await expect(seenByNext).rejects.toBeInstanceOf(UnknownUser);
    (await runtime.labs.progress('quy', undefined, { uid: user.uid })).close();

    await runtime.labs.create(aCreate('quy', 'lab', { user: { ...user, uid: 9999 } }));
    await storyOf(runtime.labs, 'quy');

    expect(labOf('quy')?.metadata.uid).not.toBe(first);
    expect((await runtime.labs.status('quy', { uid: 9999 })).owner.uid).toBe(9999);
    await expect(runtime.labs.status('quy', { uid: 1101 })).rejects.toBeInstanceOf(UnknownUser);
  });

  it('shows no lab to a name’s owner without a number, and ends none for them', async () => {
    await spawned('ann');
    const erasures = (): number => runtime.requests.filter(({ reason }) => reason === 'lab-erase').length;
    const before = erasures();

    await expect(runtime.labs.status('ann', { uid: NOBODY })).rejects.toBeInstanceOf(UnknownUser);
    await expect(runtime.labs.progress('ann', undefined, { uid: NOBODY })).rejects.toBeInstanceOf(
      UnknownUser,
    );

    expect((await runtime.labs.status('ann', { uid: 1101 })).phase).toBe('running');
    expect(erasures()).toBe(before);
  });

  it('never writes a secret into a log or a Lab', () => {
    const logs = JSON.stringify(runtime.log.lines);
    const labs = JSON.stringify(cluster.api.store.dump('labs.berth.dev'));

    for (const text of [logs, labs]) expect(text).not.toContain('gt-token-of');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { RequestRecord } from '../../simulator/server/index.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import { UnknownUser } from './labs.errors.js';

const LABS = '/apis/berth.dev/v1alpha1/namespaces/berth/labs';

describe('several processes, one after the other or at once', () => {
  let cluster: Cluster;
  let runtimes: Runtime[];

  beforeEach(async () => {
    runtimes = [];
    cluster = await startLabCluster({ timeScale: 0.02 });
  });

  afterEach(async () => {
    for (const runtime of runtimes) await runtime.close();
    await cluster.close();
  });

  async function start(piece: Record<string, unknown> = {}): Promise<Runtime> {
    const settings = someRuntimeSettings(piece);
    const runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    runtimes.push(runtime);
    await runtime.readiness.whenReady();
    return runtime;
  }

  async function stop(runtime: Runtime): Promise<void> {
    runtimes = runtimes.filter((other) => other !== runtime);
    await runtime.close();
  }

  async function patch(path: string, body: unknown): Promise<void> {
    const headers = { 'content-type': 'application/merge-patch+json' };
    const url = cluster.api.url + path;
    const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** As if the record had never been: what a Nublado controller leaves behind, or a lost CRD. */
  async function loseRecord(user: string): Promise<void> {
    await patch(`${LABS}/${user}`, { metadata: { finalizers: null } });
    await fetch(`${cluster.api.url}${LABS}/${user}`, { method: 'DELETE' });
  }

  const namespaceOf = (user: string) =>
    cluster.api.store.dump('namespaces').find(({ metadata }) => metadata.name === `userlabs-${user}`);

  it('lets exactly one of two replicas accept each of many racing creates', async () => {
    const [one, two] = [await start(), await start()];
    const users = Array.from({ length: 8 }, (_, index) => `racer${index}`);

    const results = await Promise.all(
      users.map((user) =>
        Promise.allSettled([one.labs.create(aCreate(user)), two.labs.create(aCreate(user))]),
      ),
    );

    for (const pair of results) {
      expect(pair.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      const refused = pair.find((result) => result.status === 'rejected');
      expect(refused?.reason).toMatchObject({ status: 409 });
    }
    const stories = await Promise.all(users.map((user) => storyOf(two.labs, user)));
    for (const story of stories) expect(story.at(-1)?.entry.event).toBe('complete');
  });

  it('tells the same story on every replica, byte for byte', async () => {
    const [one, two] = [await start(), await start()];
    await one.labs.create(aCreate('rachel'));

    const [here, there] = await Promise.all([storyOf(one.labs), storyOf(two.labs)]);

    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
  });

  it('goes on when the leader leaves in the middle of a spawn', async () => {
    const [one, two] = [await start(), await start()];
    const [leader, other] = one.leadership.leading ? [one, two] : [two, one];
    cluster.kubelets.setScript('*', { startMs: 30_000 });
    await other.labs.create(aCreate('rachel'));
    const reading = storyOf(other.labs);
    await until(() => cluster.api.store.dump('pods').length === 1, 'the pod');

    await stop(leader);

    expect((await reading).at(-1)?.entry.event).toBe('complete');
    expect(other.leadership.leading).toBe(true);
  });

  it.each([
    ['of a Nublado controller', true],
    ['of ours whose record is lost', false],
  ])('adopts a running lab %s with three writes, before it is ready', async (_whose, unmarked) => {
    const first = await start();
    await first.labs.create(aCreate('rachel'));
    await storyOf(first.labs);
    const before = await first.labs.status('rachel', {});
    await stop(first);
    await loseRecord('rachel');
    if (unmarked) await patch('/api/v1/namespaces/userlabs-rachel', { metadata: { annotations: null } });
    const writes: string[] = [];
    cluster.api.onRequest(({ userAgent, verb, resource }: RequestRecord) => {
      const isOurs = userAgent.startsWith('berth/') && !['leases', 'events'].includes(resource);
      if (isOurs && !['get', 'list', 'watch'].includes(verb)) writes.push(`${verb} ${resource}`);
    });

    const second = await start();

    expect(await second.labs.status('rachel', {})).toEqual({
      ...before,
      owner: expect.anything() as unknown,
    });
    await until(() => second.labs.running().includes('rachel'), 'the lab runs');
    expect(writes).toEqual(['create labs', 'patch namespaces', 'patch labs']);
    expect((await storyOf(second.labs)).at(-1)?.entry.event).toBe('complete');
    await second.labs.remove('rachel');
    expect(namespaceOf('rachel')).toBeUndefined();
  });

  it('removes our own remains without a record only when they are old enough', async () => {
    const first = await start();
    await first.labs.create(aCreate('rachel'));
    await storyOf(first.labs);
    await stop(first);
    await loseRecord('rachel');
    const pods = `${cluster.api.url}/api/v1/namespaces/userlabs-rachel/pods`;
    await fetch(`${pods}/rachel-nb?gracePeriodSeconds=0`, { method: 'DELETE' });

    const patient = await start();
    await expect(patient.labs.status('rachel', {})).rejects.toBeInstanceOf(UnknownUser);
    expect(namespaceOf('rachel')?.metadata.deletionTimestamp).toBeUndefined();
    await stop(patient);
    await start({ lab: { spawnTimeout: '1s' } });

    await until(() => namespaceOf('rachel') === undefined, 'the remains are gone');
  });
});

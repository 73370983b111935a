import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  startSpoilable,
  storyOf,
} from '../../test/support/labs-runtime.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';

type Scene = Awaited<ReturnType<typeof startSpoilable>>;

/** Opens watches anew, and nothing is heard on those of `resource` any more. */
async function silence(proxy: FaultProxy, resource: string): Promise<void> {
  const opened = (): number =>
    proxy.requests.filter((request) => request.verb === 'watch' && request.resource === resource).length;
  const before = opened();
  proxy.add({ match: { verb: 'watch', resource }, action: { do: 'freeze' } });
  proxy.cut();
  await until(() => opened() > before, 'a watch that says nothing');
}

/** Lets time pass in small steps, each long enough for a call to be answered, until `work` is done. */
async function patiently<T>(clock: JumpClock, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const done = work.finally(() => over.abort());
  while (!over.signal.aborted) {
    clock.jump(500);
    await letSocketsSpeak();
  }
  return done;
}

describe('a leader whose cache of pods is behind', () => {
  const clock = new JumpClock();
  let cluster: Cluster;
  let scene: Scene;

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.02 });
    scene = await startSpoilable(cluster, clock, { lab: { spawnTimeout: '60s' } });
  });

  afterAll(() => scene.close());

  const isRunning = (user: string): boolean =>
    (cluster.api.store.dump('pods') as { metadata: { name?: string }; status?: { phase?: string } }[]).some(
      ({ metadata, status }) => metadata.name === `${user}-nb` && status?.phase === 'Running',
    );

  /**
   * @promise nothing is lost
   * @fault the watch of pods is silent until the time of a spawn is over
   * @outcome the lab, which runs, is told as complete
   */
  it('does not end a spawn for its time whose lab runs', async () => {
    const { proxy, runtime } = scene;
    await silence(proxy, 'pods');
    await runtime.labs.create(aCreate('dora'));
    await until(() => isRunning('dora'), 'a lab that runs');

    const story = await patiently(clock, storyOf(runtime.labs, 'dora'));

    expect(story.at(-1)?.entry).toMatchObject({ event: 'complete' });
    expect(isRunning('dora')).toBe(true);
  });
});

describe('a leader that has not heard of a namespace', () => {
  /**
   * @promise nothing is lost
   * @fault the watch of namespaces is silent, and the leader that made a lab leaves
   * @outcome whoever deletes the lab is answered when it is gone
   */
  it('does not call a lab stopped whose namespace is there', async () => {
    const cluster = await startLabCluster({ timeScale: 0.02 });
    const clock = new JumpClock();
    const settings = someRuntimeSettings();
    const namespace = () =>
      cluster.api.store.dump('namespaces').find(({ metadata }) => metadata.name === 'userlabs-emil');
    const first = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    await until(() => first.leadership.leading, 'leadership');
    const { proxy, runtime, close } = await startSpoilable(cluster, clock);
    onTestFinished(close);
    await silence(proxy, 'namespaces');
    const lead = proxy.add({ match: { resource: 'leases' }, action: { do: 'answer', status: 503 } });
    await first.labs.create(aCreate('emil'));
    await storyOf(first.labs, 'emil');
    await first.close();

    const removed = runtime.labs.remove('emil');
    const record = (): string =>
      JSON.stringify(
        cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === 'emil'),
      );
    await until(() => record().includes('"desiredState":"stopped"'), 'a stop that waits for a leader');
    lead();
    const isGoing = (): boolean => namespace()?.metadata.deletionTimestamp !== undefined;
    await until(() => isGoing() || record().includes('"berth.dev/state":"stopped"'), 'its stop');
    proxy.clear();
    proxy.cut();
    await patiently(clock, removed);

    expect(namespace()).toBeUndefined();
  });
});

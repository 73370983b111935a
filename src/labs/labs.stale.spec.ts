import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import { aCreate, startLabCluster, startSpoilable, storyOf } from '../../test/support/labs-runtime.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';

type Scene = Awaited<ReturnType<typeof startSpoilable>>;

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
    proxy.add({ match: { verb: 'watch', resource: 'pods' }, action: { do: 'freeze' } });
    const opened = (): number =>
      proxy.requests.filter(({ verb, resource }) => verb === 'watch' && resource === 'pods').length;
    const before = opened();
    proxy.cut();
    await until(() => opened() > before, 'a watch that says nothing');
    await runtime.labs.create(aCreate('dora'));
    await until(() => isRunning('dora'), 'a lab that runs');

    const over = new AbortController();
    const story = storyOf(runtime.labs, 'dora').finally(() => over.abort());
    while (!over.signal.aborted) {
      clock.jump(500);
      await letSocketsSpeak();
    }

    expect((await story).at(-1)?.entry).toMatchObject({ event: 'complete' });
    expect(isRunning('dora')).toBe(true);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import { aCreate, startLabCluster, startSpoilable } from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { passUntil, until } from '../../test/support/until.js';
import type { CreateLab } from './lab.views.js';

const AT_A_TIME = 16;

describe('a crowd', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let runtime: Runtime;
  let close: () => Promise<void>;
  const clock = new JumpClock();

  beforeAll(async () => {
    cluster = await startLabCluster({ instant: true });
    ({ proxy, runtime, close } = await startSpoilable(cluster, clock));
  });

  afterEach(() => proxy.clear());

  afterAll(() => close());

  const crowdOf = (name: string, count: number): readonly CreateLab[] =>
    Array.from({ length: count }, (_, index) => aCreate(`${name}${String(index)}`));
  const written = (): number =>
    proxy.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'labs').length;

  /**
   * @promise nothing is lost
   * @fault more spawns at once than there are connections to the API server
   * @outcome all are accepted, sixteen at a time: a record never waits for the request of its spawn behind a crowd of others
   */
  it('is accepted a few at a time, the request of each right after its record', async () => {
    const unattached: number[] = [0];
    cluster.api.onRequest(({ verb, resource, namespace }) => {
      const step = verb !== 'create' || namespace !== 'berth' ? 0 : { labs: 1, secrets: -1 }[resource];
      if (step) unattached.push((unattached.at(-1) ?? 0) + step);
    });

    const crowd = crowdOf('student', 80);
    await Promise.all(crowd.map((each) => runtime.labs.create(each)));

    expect(unattached).toHaveLength(1 + 2 * crowd.length);
    expect(Math.max(...unattached)).toBeLessThanOrEqual(AT_A_TIME);
    expect(unattached.at(-1)).toBe(0);
  });

  it('writes nothing for one who has gone when the turn comes', async () => {
    const gate = proxy.gate({ verb: 'create', resource: 'labs', times: AT_A_TIME }, 'before');
    const before = written();
    const stayed = crowdOf('stayed', AT_A_TIME).map((each) => runtime.labs.create(each));
    await until(() => gate.arrivals === AT_A_TIME, 'that all places are taken');
    let isAwaited = true;
    const left = runtime.labs.create(aCreate('left'), () => isAwaited);
    const told = expect(left).rejects.toMatchObject({ status: 503, context: { reason: 'caller_gone' } });

    isAwaited = false;
    gate.release();
    await Promise.all(stayed);
    await told;

    expect(written() - before).toBe(AT_A_TIME);
    expect(cluster.api.store.dump('labs.berth.dev').map(({ metadata }) => metadata.name)).not.toContain(
      'left',
    );
  });

  it('is told that the API server is silent when the first of it are, not one after the other', async () => {
    for (const verb of ['create', 'get'])
      proxy.add({ match: { verb, resource: 'labs' }, action: { do: 'hang', at: 'before' } });
    const before = written();
    const crowd = crowdOf('mute', 3 * AT_A_TIME);
    let open = crowd.length;
    const answers = crowd.map((each) => runtime.labs.create(each).finally(() => (open -= 1)));
    const outcomes = Promise.allSettled(answers);

    await passUntil(clock, 500, () => open === 0, 4_000);

    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { status: 503, code: 'not_ready' } });
    expect(written() - before).toBe(AT_A_TIME);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import { aCreate, startLabCluster, startSpoilable } from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { passUntil, until } from '../../test/support/until.js';

const MADE_AT_ONCE = ['configmaps', 'secrets', 'networkpolicies', 'services'];

describe('the objects of a lab', () => {
  const clock = new JumpClock();
  let cluster: Cluster;
  let proxy: FaultProxy;
  let runtime: Runtime;
  let close: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.001 });
    const narrow = { berth: { queue: { concurrency: 1 } } };
    ({ proxy, runtime, close } = await startSpoilable(cluster, clock, narrow));
  });

  afterAll(() => close());

  const asked = (resource: string): number =>
    proxy.requests.filter(
      (one) => one.verb === 'create' && one.resource === resource && one.namespace === 'userlabs-rachel',
    ).length;

  it('are made at once, and the pod when everything else stands', async () => {
    const where = { verb: 'create', resource: 'configmaps', namespace: 'userlabs-rachel' } as const;
    proxy.add({ match: where, action: { do: 'hang', at: 'before' } });

    await runtime.labs.create(aCreate('rachel'));
    await until(() => MADE_AT_ONCE.every((resource) => asked(resource) > 0), 'all but the pod is asked for');
    const services = (): number =>
      cluster.api.store.dump('services').filter(({ metadata }) => metadata.namespace === 'userlabs-rachel')
        .length;
    await until(() => services() === 1, 'the Service stands');
    expect(asked('pods')).toBe(0);

    proxy.clear();
    await passUntil(clock, 250, () => runtime.labs.running().includes('rachel'), 400);
    expect(asked('pods')).toBe(1);
    expect(asked('services')).toBe(1);
    // The cluster made it meanwhile.
    expect(asked('serviceaccounts')).toBe(0);
  });

  it('include the service account where the cluster is late with its own', async () => {
    const look = { verb: 'get', resource: 'serviceaccounts', namespace: 'userlabs-ampere' } as const;
    const about = { kind: 'serviceaccounts', name: 'default' };
    proxy.add({ match: look, action: { do: 'answer', status: 404, reason: 'NotFound', about } });

    await runtime.labs.create(aCreate('ampere'));
    await passUntil(clock, 250, () => runtime.labs.running().includes('ampere'), 400);

    const accounts = proxy.requests.filter(
      ({ resource, namespace }) => resource === 'serviceaccounts' && namespace === 'userlabs-ampere',
    );
    expect(accounts.map(({ verb }) => verb)).toEqual(['get', 'create']);
  });

  it('give their place in the queue to the next as soon as the pod is accepted', async () => {
    const words = {
      resource: 'labs',
      subresource: 'status',
      name: 'bohr',
      where: ({ body }: { body: string }): boolean => body.includes('objects_created'),
    };
    const gate = proxy.gate(words, 'before');

    await runtime.labs.create(aCreate('bohr'));
    await runtime.labs.create(aCreate('curie'));

    const pods = (user: string): number =>
      cluster.api.store.dump('pods').filter(({ metadata }) => metadata.namespace === `userlabs-${user}`)
        .length;
    await until(() => pods('curie') === 1, 'the next pod is made');
    expect(pods('bohr')).toBe(1);

    gate.release();
    await passUntil(clock, 250, () => runtime.labs.running().includes('bohr'), 400);
    // The write that was held up, not one that came after it had been given up.
    expect(gate.arrivals).toBe(1);
  });
});

import { afterEach, describe, expect, it } from 'vitest';

import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
} from '../../test/support/labs-runtime.js';

const CROWD = 80;

describe('a crowd', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /**
   * @promise nothing is lost
   * @fault more spawns at once than there are connections to the API server
   * @outcome all are accepted, sixteen at a time: a record never waits for the request of its spawn behind a crowd of others
   */
  it('is accepted a few at a time, the request of each right after its record', async () => {
    const cluster = await startLabCluster({ instant: true });
    ends.push(() => cluster.close());
    const kubeconfig = cluster.kubeconfig('berth');
    const runtime = await startRuntime({ kubeconfig, settings: someRuntimeSettings() });
    ends.push(() => runtime.close());
    await runtime.readiness.whenReady();
    const unattached: number[] = [0];
    cluster.api.onRequest(({ verb, resource, namespace }) => {
      const step = verb !== 'create' || namespace !== 'berth' ? 0 : { labs: 1, secrets: -1 }[resource];
      if (step) unattached.push((unattached.at(-1) ?? 0) + step);
    });

    const crowd = Array.from({ length: CROWD }, (_, index) => aCreate(`student${String(index)}`));
    await Promise.all(crowd.map((each) => runtime.labs.create(each)));

    expect(unattached).toHaveLength(1 + 2 * CROWD);
    expect(Math.max(...unattached)).toBeLessThanOrEqual(16);
    expect(unattached.at(-1)).toBe(0);
  });
});

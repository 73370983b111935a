import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';

describe('another lab.namespacePrefix', () => {
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await startLabCluster({ instant: true });
  });

  afterEach(() => cluster.close());

  async function started(namespacePrefix: string): Promise<Runtime> {
    const settings = someRuntimeSettings({ lab: { namespacePrefix } });
    const runtime = await startRuntime({ kubeconfig: cluster.api.kubeconfig('berth'), settings });
    await runtime.readiness.whenReady();
    return runtime;
  }

  const toldBy = ({ log }: Runtime) =>
    log.lines.filter(({ level, message }) => level === 'error' && message.includes('lab.namespacePrefix'));

  it.each([
    ['userlabs', 'people'],
    ['staff-of-old', 'staff'],
  ])('than %s is told at start by the namespaces that it leaves behind', async (former, namespacePrefix) => {
    const users = [`${former}-amy`, `${former}-eve`];
    const before = await started(former);
    for (const user of users) {
      await before.labs.create(aCreate(user));
      await storyOf(before.labs, user);
    }
    await before.close();

    const after = await started(namespacePrefix);
    await until(() => toldBy(after).length > 0);
    await after.close();

    expect(toldBy(before)).toEqual([]);
    const places = users.map((user) => `${former}-${user}`);
    expect(toldBy(after)).toMatchObject([
      { fields: { expected: namespacePrefix, namespaces: 2, first: places.join(' ') } },
    ]);
    const names = cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(places));
  });
});

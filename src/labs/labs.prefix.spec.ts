import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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

  beforeAll(async () => {
    cluster = await startLabCluster({ instant: true });
  });

  afterAll(() => cluster.close());

  async function started(namespacePrefix: string): Promise<Runtime> {
    const settings = someRuntimeSettings({ lab: { namespacePrefix } });
    const runtime = await startRuntime({ kubeconfig: cluster.api.kubeconfig('berth'), settings });
    await runtime.readiness.whenReady();
    return runtime;
  }

  const toldBy = ({ log }: Runtime) =>
    log.lines.filter(({ level, message }) => level === 'error' && message.includes('lab.namespacePrefix'));

  it('is told at start by the namespaces that it leaves behind', async () => {
    const before = await started('userlabs');
    for (const user of ['rachel', 'wrench']) {
      await before.labs.create(aCreate(user));
      await storyOf(before.labs, user);
    }
    await before.close();

    const after = await started('people');
    await until(() => toldBy(after).length > 0);
    await after.close();

    expect(toldBy(before)).toEqual([]);
    expect(toldBy(after)).toMatchObject([
      { fields: { expected: 'people', namespaces: 2, first: 'userlabs-rachel userlabs-wrench' } },
    ]);
    const names = cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(['userlabs-rachel', 'userlabs-wrench']));
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { findKubectl, kubectlFor } from '../../test/support/kubectl.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import type { LabResourceStatus } from './lab.resource.js';

const kubectl = findKubectl();

describe('the status of a lab', () => {
  let cluster: Cluster;
  let runtime: Runtime;

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.001 });
    const settings = someRuntimeSettings();
    runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    await runtime.readiness.whenReady();
  });

  afterAll(async () => {
    await runtime.close();
    await cluster.close();
  });

  const statusOf = (user: string): LabResourceStatus | undefined =>
    cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === user)?.['status'] as
      LabResourceStatus | undefined;
  const truths = (user: string): string[] =>
    (statusOf(user)?.conditions ?? []).filter(({ status }) => status === 'True').map(({ type }) => type);
  const spawned = async (user: string): Promise<{ namespace: string; name: string }> => {
    await runtime.labs.create(aCreate(user));
    await storyOf(runtime.labs, user);
    return { namespace: `userlabs-${user}`, name: `${user}-nb` };
  };

  it('carries conditions from the first write to the last', async () => {
    cluster.kubelets.setScript('science/lab', { failure: 'hang' });
    await runtime.labs.create(aCreate('amy'));
    await until(() => truths('amy').includes('Progressing'), 'progress');
    cluster.kubelets.setScript('science/lab', undefined);
    await runtime.labs.remove('amy');
    await spawned('amy');

    expect(truths('amy')).toEqual(['Ready']);
    await runtime.labs.remove('amy');
    await until(() => statusOf('amy')?.phase === 'stopped', 'the end');
    expect(truths('amy')).toEqual([]);
  });

  it.skipIf(kubectl === undefined)('is what kubectl wait waits for', async () => {
    const run = kubectlFor(kubectl ?? '', cluster.kubeconfig('berth'));
    await runtime.labs.create(aCreate('rachel'));

    expect(await run('wait', '--for=condition=Ready', 'lab/rachel', '--timeout=15s')).toContain(
      'condition met',
    );
  });

  it('tells why a lab was restarted, and keeps it when the lab is stopped', async () => {
    const pod = await spawned('ben');

    cluster.kubelets.oomKill(pod, 'notebook');

    await until(() => statusOf('ben')?.failure !== undefined, 'the restart is told');
    expect(statusOf('ben')).toMatchObject({
      phase: 'running',
      failure: { reason: 'oom_killed', remedy: 'Choose a larger size', who: 'user' },
    });
    expect((await runtime.labs.status('ben', {})).phase).toBe('running');
    await runtime.labs.remove('ben');
    await until(() => statusOf('ben')?.phase === 'stopped', 'the end');
    expect(statusOf('ben')).toMatchObject({
      failure: { reason: 'oom_killed' },
      past: [{ end: 'stopped', cause: expect.stringContaining('more memory') as string }],
    });
  });

  it('costs one write for a lab that restarts again and again', async () => {
    const pod = await spawned('cyd');
    const writes = (): number => runtime.requests.filter(({ reason }) => reason === 'lab-status').length;
    const before = writes();
    const restarts = (): number => {
      const found = cluster.api.store.dump('pods').find(({ metadata }) => metadata.name === pod.name);
      const status = found?.['status'] as { containerStatuses?: { restartCount: number }[] } | undefined;
      return status?.containerStatuses?.[0]?.restartCount ?? 0;
    };

    for (let count = 1; count <= 5; count += 1) {
      cluster.kubelets.exit(pod, 3, 'notebook');
      await until(() => restarts() === count, `restart ${count}`);
    }

    await until(() => statusOf('cyd')?.failure !== undefined, 'the restarts are told');
    expect(statusOf('cyd')?.ledger?.at(-1)?.event).toBe('complete');
    expect(writes() - before).toBe(1);
  });

  it('keeps the cause of an eviction', async () => {
    const pod = await spawned('dot');

    await cluster.kubelets.evict(pod);

    await until(() => statusOf('dot')?.phase === 'stopped', 'the lab is cleared away');
    expect(truths('dot')).toEqual(['Failed']);
    expect(statusOf('dot')).toMatchObject({
      failure: { reason: 'evicted' },
      past: [{ end: 'evicted', cause: expect.stringContaining('evicted') as string }],
    });
  });
});

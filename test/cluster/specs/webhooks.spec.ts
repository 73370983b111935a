import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { aCreate, someRuntimeSettings, startRuntime, storyOf } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { Api } from '../support/api.js';
import type { Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';
import { PodWebhook } from '../support/webhook.js';

const READS = ['get', 'list', 'watch'];

interface LabThing extends Thing {
  readonly status?: {
    readonly phase: string;
    readonly failure?: { readonly reason: string; readonly cause: string };
  };
}

describeReal('admission webhooks of others, on a real control plane', (cluster) => {
  const api = new Api(cluster);
  let instance = '';
  let berth: Runtime;

  beforeAll(async () => {
    await installCrds(api);
    instance = await freshNamespace(api, 'hooked');
    const ours = await grantRights(api, cluster, instance);
    const kubeconfig = kubeconfigFor(ours, instance, 'berth');
    const settings = someRuntimeSettings({ lab: { namespacePrefix: instance } });
    berth = await startRuntime({ kubeconfig, settings });
    await berth.readiness.whenReady();
    await until(() => berth.leadership.leading, 'the lease', 30_000);
  });
  afterAll(async () => {
    await berth.close();
    await api.close();
  });

  const labOf = async (user: string): Promise<LabThing> =>
    (await api.get<LabThing>(`/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/${user}`)).body;
  const podPath = (user: string): string => `/api/v1/namespaces/${instance}-${user}/pods/${user}-nb`;

  /**
   * @promise nothing is wasted
   * @fault a mutating webhook adds a sidecar, labels and tolerations to the pod, and takes its image from another registry
   * @outcome the lab comes up and settles with zero writes; it ends when its `notebook` ends, whatever the sidecar does
   */
  it('brings a lab up whose pod a webhook changes, settles, and ends it with its notebook', async () => {
    const webhook = await PodWebhook.install(api, 'meshed');
    const sidecar = { name: 'mesh', image: 'registry.example.org/mesh/proxy:1' };
    webhook.hook = {
      do: 'change',
      patch: ({ spec }) => [
        { op: 'add', path: '/spec/containers/0', value: sidecar },
        {
          op: 'replace',
          path: '/spec/containers/1/image',
          value: `mirror.example.org/${spec.containers[0]?.image ?? ''}`,
        },
        { op: 'add', path: '/metadata/labels/mesh', value: 'on' },
        { op: 'add', path: '/spec/tolerations/-', value: { key: 'spot', operator: 'Exists' } },
      ],
    };
    await berth.labs.create(aCreate('meshed'));
    expect((await storyOf(berth.labs, 'meshed')).at(-1)?.entry).toMatchObject({ event: 'complete' });
    const pod = (await api.get<{ spec: { containers: { name: string }[] } }>(podPath('meshed'))).body;
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['mesh', 'notebook']);
    await sleep(2_000);
    const from = berth.requests.length;
    await sleep(4_000);

    const writes = berth.requests
      .slice(from)
      .filter(({ verb, resource }) => !READS.includes(verb) && resource !== 'leases');
    expect(writes).toEqual([]);
    const ended = { exitCode: 0, reason: 'Completed', startedAt: null, finishedAt: null };
    const { containerStatuses = [] } = (
      await api.get<{ status: { containerStatuses?: { name: string; state: object }[] } }>(podPath('meshed'))
    ).body.status;
    const statuses = containerStatuses.map((one) =>
      one.name === 'notebook' ? { ...one, ready: false, state: { terminated: ended } } : one,
    );
    await api.merge(`${podPath('meshed')}/status`, { status: { containerStatuses: statuses } });

    await until(() => berth.labs.running().length === 0, 'the end of the lab', 30_000);
    await api.eventually<LabThing>(
      `/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/meshed`,
      ({ body }) => body.status?.phase === 'stopped',
    );
    expect((await labOf('meshed')).status).toMatchObject({ past: [{ end: 'exited' }] });
    await webhook.remove();
  });

  /**
   * @promise nothing is hidden
   * @fault a webhook denies the pod of a lab
   * @outcome the spawn fails with `webhook_denied`, the webhook’s name and its words
   */
  it('names the webhook that denies a pod', async () => {
    const webhook = await PodWebhook.install(api, 'denied');
    webhook.hook = { do: 'deny', words: 'no pods on Fridays' };

    await berth.labs.create(aCreate('denied'));

    expect((await storyOf(berth.labs, 'denied')).at(-1)?.entry.event).toBe('failed');
    const { failure } = (await labOf('denied')).status ?? {};
    expect(failure?.reason).toBe('webhook_denied');
    expect(failure?.cause).toContain('pods-of-denied.example.org');
    expect(failure?.cause).toContain('no pods on Fridays');
    await webhook.remove();
    await berth.labs.remove('denied');
  });

  /**
   * @promise nothing is hidden
   * @fault a webhook that must be asked does not answer within the ten seconds that it has by default
   * @outcome the stream says `webhook_unreachable` with its name, and the lab comes up as soon as it answers
   */
  it('names the webhook that hangs, and goes on when it answers', async () => {
    const webhook = await PodWebhook.install(api, 'hung');
    await berth.labs.create(aCreate('hung'));
    const told: string[] = [];
    const stream = await berth.labs.progress('hung', undefined);
    const reading = (async () => {
      for await (const { entry } of stream.items()) {
        told.push(`${entry.reason} ${entry.message}`);
        if (entry.reason === 'webhook_unreachable') webhook.hook = { do: 'change', patch: () => [] };
      }
    })();

    await reading;

    expect(told.find((line) => line.startsWith('webhook_unreachable'))).toContain('pods-of-hung.example.org');
    expect(told.at(-1)).toMatch(/^complete/);
    await webhook.remove();
    await berth.labs.remove('hung');
  }, 150_000);
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../cluster.js';
import { startFaultProxy, type FaultProxy } from '../faults/index.js';
import { startActors } from './index.js';
import { Probe } from './testing.js';
import type { KubeObject } from './types.js';

interface Event {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly source: object;
  readonly reportingComponent: string;
  readonly involvedObject: { readonly kind: string; readonly apiVersion: string; readonly name: string };
}

/** What the real Job controller said (test/cluster/specs/job-refusals.spec.ts). */
const { records } = JSON.parse(readFileSync('test/fixtures/kubernetes/job-refusals.json', 'utf8')) as {
  records: readonly { readonly name: string; readonly event: Event }[];
};
const recorded = (name: string): Event | undefined => records.find((each) => each.name === name)?.event;

/** What stands in a pod's way here as there: an object of the namespace, or what the pod asks for. */
const CAUSES: Readonly<Record<string, { readonly quota?: object; readonly pod?: object }>> = {
  'quota-exceeded': { quota: { pods: '0' } },
  'quota-unspecified': { quota: { 'limits.memory': '1Gi' } },
  'missing-service-account': { pod: { serviceAccountName: 'nobody' } },
  'no-priority-class': { pod: { priorityClassName: 'nobody' } },
};

describe('the Job controller of the embedded cluster, when a pod is refused', () => {
  let cluster: Cluster;
  let probe: Probe;
  let proxy: FaultProxy;
  let actors: Awaited<ReturnType<typeof startActors>>;

  beforeAll(async () => {
    cluster = await startCluster({ only: ['serviceAccounts', 'namespaces'] });
    probe = new Probe(cluster.api);
    proxy = await startFaultProxy({ target: cluster.api.url, token: '' });
    actors = await startActors({ server: { url: proxy.url, token: '' }, only: ['jobs'] });
  });
  afterAll(async () => {
    await actors.close();
    await proxy.close();
    await probe.client.close();
    await cluster.close();
  });

  const job = (pod: object = {}): object => ({
    metadata: { name: 'rachel-fs' },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'fileserver', image: 'reg.test/job:1' }],
          ...pod,
        },
      },
    },
  });
  const said = async (namespace: string, uid: string): Promise<Partial<Event>> => {
    const found = (): Event | undefined =>
      (cluster.api.store.dump('events') as unknown as Event[]).find(
        ({ involvedObject, reason }) =>
          reason === 'FailedCreate' && (involvedObject as { uid?: string }).uid === uid,
      );
    await expect.poll(found, { timeout: 10_000 }).toBeDefined();
    const { type, reason, message, source, reportingComponent, involvedObject } = found() as Event;
    const { kind, apiVersion, name } = involvedObject;
    return {
      ...{ type, reason, source, reportingComponent, involvedObject: { kind, apiVersion, name } },
      message: message
        .replaceAll(namespace, 'NAMESPACE')
        .replaceAll(/rachel-fs-[bcdfghj-np-tv-z2456789]{5}"/g, 'rachel-fs-xxxxx"'),
    };
  };

  it.each(records.map(({ name }) => name))('says what the real one says: %s', async (name) => {
    const namespace = `refused-${name}`;
    await probe.namespace(namespace);
    const { quota, pod } = CAUSES[name] ?? {};
    if (quota) {
      const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
      await probe.client.create(quotas, { metadata: { name: 'crowded' }, spec: { hard: quota } });
    }
    // Admission that this API server does not have (docs/embedded-cluster.md).
    const message = recorded(name)?.message.replace('Error creating: ', '') ?? '';
    const match = { verb: 'create', resource: 'pods', namespace };
    if (!(name in CAUSES)) proxy.add({ match, action: { do: 'answer', status: 403, message } });

    const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    const { metadata } = await probe.client.create<KubeObject>(jobs, job(pod));

    expect(await said(namespace, metadata.uid)).toEqual(recorded(name));
  });
});

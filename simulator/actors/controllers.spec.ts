import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster.js';
import { startCluster } from '../cluster.js';
import type { Claim } from './claim-types.js';
import type { Job } from './job-status.js';
import { Probe, isRunning } from './testing.js';
import type { KubeObject } from './types.js';

const ns = 'control';
const configMaps = `/api/v1/namespaces/${ns}/configmaps`;

describe('the controllers of the embedded cluster', () => {
  let cluster: Cluster;
  let probe: Probe;

  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 2,
      timeScale: 0.001,
      namespaceMinimumMs: 1,
      ingresses: { delayMs: 1 },
    });
    probe = new Probe(cluster.api);
    await probe.namespace(ns);
  });

  afterAll(async () => {
    await probe.client.close();
    await cluster.close();
  });

  const owned = (name: string, owner: KubeObject, more: object = {}): Promise<KubeObject> =>
    probe.client.create<KubeObject>(configMaps, {
      metadata: {
        name,
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: owner.metadata.name,
            uid: owner.metadata.uid,
            ...more,
          },
        ],
      },
    });
  const plain = (name: string): Promise<KubeObject> =>
    probe.client.create<KubeObject>(configMaps, { metadata: { name } });

  it('gives each namespace its service account, again after somebody deletes it', async () => {
    const path = `/api/v1/namespaces/${ns}/serviceaccounts/default`;
    const first = await probe.when(path, () => true);

    await probe.client.remove(path);

    const second = await probe.when(path, ({ metadata }) => metadata.uid !== first.metadata.uid);
    expect(second.metadata.name).toBe('default');
    await probe.when(`${configMaps}/kube-root-ca.crt`, () => true);
  });

  it('says in the words of the scheduler why no node fits, and binds the pod once one does', async () => {
    const resources = { requests: { memory: '100Gi' } };
    const containers = [{ name: 'notebook', image: 'reg.test/x:1', resources }];
    await probe.pod(ns, 'huge', { containers });
    const told = await probe.eventsUntil(ns, 'huge', 'FailedScheduling');
    const refused = await probe.podWhen(ns, 'huge', (pod) => pod.status?.conditions !== undefined);

    const kubelet = await cluster.kubelets.addNode({ name: 'large', capacity: { memory: '200Gi' } });
    await probe.podWhen(ns, 'huge', isRunning);

    const message =
      '0/2 nodes are available: 2 Insufficient memory. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
    expect(told[0]?.message).toBe(message);
    expect(refused.status?.conditions?.find((each) => each.type === 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message,
    });
    expect(kubelet.name).toBe('large');
  });

  it('empties a namespace that is being deleted, and waits for finalizers', async () => {
    await probe.namespace('leaving');
    await probe.pod('leaving', 'lab');
    await probe.podWhen('leaving', 'lab', isRunning);
    const held = '/api/v1/namespaces/leaving/configmaps/held';
    await probe.client.create('/api/v1/namespaces/leaving/configmaps', {
      metadata: { name: 'held', finalizers: ['example.org/hold'] },
    });

    await probe.client.remove('/api/v1/namespaces/leaving');
    await probe.gone('/api/v1/namespaces/leaving/pods/lab');
    interface Leaving extends KubeObject {
      status?: { conditions?: { type: string; status: string; message: string }[] };
    }
    const stuck = await probe.when<Leaving>('/api/v1/namespaces/leaving', ({ status }) =>
      (status?.conditions ?? []).some((each) => each.message.includes('example.org/hold')),
    );
    await probe.client.merge(held, { metadata: { finalizers: null } });

    await probe.gone('/api/v1/namespaces/leaving');
    expect(
      stuck.status?.conditions?.find((each) => each.type === 'NamespaceFinalizersRemaining')?.status,
    ).toBe('True');
  });

  it('deletes what has lost its only owner, in the background', async () => {
    const owner = await plain('owner');
    await owned('dependent', owner);

    await probe.client.remove(`${configMaps}/owner`);

    await probe.gone(`${configMaps}/dependent`);
    expect(await probe.find(`${configMaps}/owner`)).toBeUndefined();
  });

  it('keeps what still has another owner, and takes the lost one off it', async () => {
    const [one, two] = [await plain('one'), await plain('two')];
    const references = [one, two].map(({ metadata: { name, uid } }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid,
    }));
    await probe.client.create(configMaps, { metadata: { name: 'shared', ownerReferences: references } });

    await probe.client.remove(`${configMaps}/one`);

    const left = await probe.when(
      `${configMaps}/shared`,
      ({ metadata }) => metadata.ownerReferences?.length === 1,
    );
    expect(left.metadata.ownerReferences?.[0]?.name).toBe('two');
  });

  it('lets an owner deleted in the foreground go only after its blocking dependents', async () => {
    const owner = await plain('patient');
    const dependent = await owned('blocking', owner, { blockOwnerDeletion: true });
    await probe.client.merge(`${configMaps}/blocking`, { metadata: { finalizers: ['example.org/hold'] } });

    await probe.client.remove(`${configMaps}/patient`, { propagationPolicy: 'Foreground' });
    await probe.when(`${configMaps}/blocking`, ({ metadata }) => metadata.deletionTimestamp !== undefined);
    const waiting = await probe.find(`${configMaps}/patient`);
    await probe.client.merge(`${configMaps}/blocking`, { metadata: { finalizers: null } });

    await probe.gone(`${configMaps}/patient`);
    expect(waiting?.metadata.finalizers).toContain('foregroundDeletion');
    expect(dependent.metadata.name).toBe('blocking');
  });

  it('sets the dependents of an orphaning owner free', async () => {
    const owner = await plain('careless');
    await owned('orphan', owner);

    await probe.client.remove(`${configMaps}/careless`, { propagationPolicy: 'Orphan' });
    await probe.gone(`${configMaps}/careless`);

    const free = await probe.find(`${configMaps}/orphan`);
    expect(free).toBeDefined();
    expect(free?.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('deletes what names an owner in another namespace, as the owner is not found beside it', async () => {
    const owner = await plain('far');
    await probe.namespace('near');
    const { name, uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }];
    const near = '/api/v1/namespaces/near/configmaps';
    await probe.client.create(near, { metadata: { name: 'misled', ownerReferences } });

    await probe.gone(`${near}/misled`);

    expect(await probe.find(`${configMaps}/far`)).toBeDefined();
  });

  it('runs a Job to its end, and fails one that passes its limit', async () => {
    const jobs = `/apis/batch/v1/namespaces/${ns}/jobs`;
    const job = (name: string, script: string, spec: object = {}): object => ({
      metadata: { name },
      spec: {
        ...spec,
        template: {
          metadata: { annotations: { 'simulator.berth.dev/script': script } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'reg.test/job:1' }] },
        },
      },
    });
    await probe.client.create(jobs, job('good', '{"runMs":1}'));
    await probe.client.create(jobs, job('bad', '{"runMs":1,"exitCode":1}', { backoffLimit: 1 }));

    const has = (type: string) => (each: Job) =>
      each.status?.conditions?.some((condition) => condition.type === type) ?? false;
    const good = await probe.when<Job>(`${jobs}/good`, has('Complete'));
    const bad = await probe.when<Job>(`${jobs}/bad`, has('Failed'));

    expect(good.status?.succeeded).toBe(1);
    expect(bad.status?.failed).toBe(2);
    expect(bad.status?.conditions?.at(-1)?.reason).toBe('BackoffLimitExceeded');
    const pods = cluster.api.store.dump('pods').filter((each) => each.metadata.name.startsWith('good-'));
    expect(pods).toHaveLength(1);
    expect(pods[0]?.metadata.finalizers ?? []).toEqual([]);
  });

  it('removes the pods of a Job that is deleted', async () => {
    const jobs = `/apis/batch/v1/namespaces/${ns}/jobs`;
    const template = {
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'reg.test/job:1' }] },
    };
    await probe.client.create(jobs, { metadata: { name: 'long' }, spec: { template } });
    await probe.when<Job>(`${jobs}/long`, ({ status }) => status?.ready === 1);
    const pod = cluster.api.store.dump('pods').find((each) => each.metadata.name.startsWith('long-'));

    await probe.client.remove(`${jobs}/long`, { propagationPolicy: 'Background' });

    await probe.gone(`/api/v1/namespaces/${ns}/pods/${pod?.metadata.name ?? ''}`);
    await probe.gone(`${jobs}/long`);
    expect(pod).toBeDefined();
  });

  it('binds claims at once, or when the pod that waits for them has a node', async () => {
    const classes = '/apis/storage.k8s.io/v1/storageclasses';
    const provisioner = 'simulator.berth.dev/disk';
    await probe.client.create(classes, { metadata: { name: 'now' }, provisioner });
    const volumeBindingMode = 'WaitForFirstConsumer';
    await probe.client.create(classes, { metadata: { name: 'later' }, provisioner, volumeBindingMode });
    const claims = `/api/v1/namespaces/${ns}/persistentvolumeclaims`;
    for (const storageClassName of ['now', 'later'])
      await probe.client.create(claims, {
        metadata: { name: storageClassName },
        spec: {
          storageClassName,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      });

    const bound = ({ status }: Claim): boolean => status?.phase === 'Bound';
    await probe.when<Claim>(`${claims}/now`, bound);
    const waiting = await probe.find<Claim>(`${claims}/later`);
    const volumes = [{ name: 'home', persistentVolumeClaim: { claimName: 'later' } }];
    await probe.pod(ns, 'consumer', { volumes });
    await probe.podWhen(ns, 'consumer', isRunning);

    expect(waiting?.status?.phase).toBe('Pending');
    expect(bound((await probe.find<Claim>(`${claims}/later`)) as Claim)).toBe(true);
  });

  it('gives an Ingress its address', async () => {
    const ingresses = `/apis/networking.k8s.io/v1/namespaces/${ns}/ingresses`;
    await probe.client.create(ingresses, {
      metadata: { name: 'files' },
      spec: { defaultBackend: { service: { name: 'files', port: { number: 80 } } } },
    });

    interface Addressed extends KubeObject {
      status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
    }
    const addressed = await probe.when<Addressed>(
      `${ingresses}/files`,
      ({ status }) => (status?.loadBalancer?.ingress ?? []).length > 0,
    );

    expect(addressed.status?.loadBalancer?.ingress?.[0]?.ip).toBe('192.0.2.10');
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { aUser, fileSettings, startFileProcess } from '../../support/file-room.js';
import type { FileProcess } from '../../support/file-room.js';
import { PATIENT_LEASE } from '../../support/room-scenario.js';
import { readAudit } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

interface List {
  readonly items: readonly Thing[];
}

interface Server extends Thing {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly object[] };
}

/** The real Job controller, scheduler and garbage collector; our kubelets run the pod and end it by script. */
describeReal('a file server on a real control plane, with the rights of the chart', (cluster) => {
  const api = new Api(cluster);
  let instance = '';
  let process: FileProcess;

  beforeAll(async () => {
    await installCrds(api);
    instance = await freshNamespace(api, 'files');
    await grantRights(api, 'berth', instance);
    const settings = fileSettings(
      {
        namespace: instance,
        creationTimeout: '40s',
        deleteTimeout: '40s',
        extraAnnotations: { 'simulator.berth.dev/script': JSON.stringify({ runMs: 6_000 }) },
      },
      { publish: 'ingress', verifyUrl: 'http://berth.berth/nublado' },
    );
    const kubeconfig = kubeconfigFor(cluster, instance, 'berth');
    process = await startFileProcess({ kubeconfig, settings, lease: PATIENT_LEASE });
  });
  afterAll(async () => {
    await process.close();
    await api.close();
  });

  const objects = (group: string, plural: string): string =>
    `/${group === '' ? 'api' : `apis/${group}`}/v1/namespaces/${instance}/${plural}`;
  const namesOf = async (path: string): Promise<readonly string[]> =>
    (await api.get<List>(path)).body.items.map(({ metadata }) => metadata.name);
  /** What an ingress controller behind a load balancer with a host name does. */
  const publish = async (): Promise<void> => {
    const path = `${objects('networking.k8s.io', 'ingresses')}/rachel-fs`;
    await api.eventually(path, ({ status }) => status === 200);
    const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.org' }] } };
    await api.merge(`${path}/status`, { status });
  };
  const server = `/apis/berth.dev/v1alpha1/namespaces`;

  it('comes up once it is published, idles, ends by itself, and leaves nothing but its record', async () => {
    const opening = process.files.open(aUser());
    await publish();

    expect(await opening).toBe('https://data.example.org/files/rachel');
    expect(await namesOf(objects('batch', 'jobs'))).toEqual(['rachel-fs']);
    const { body } = await api.get<Server>(`${server}/${instance}/fileservers/rachel`);
    expect(body.status).toMatchObject({ phase: 'running' });

    await api.eventually<Server>(
      `${server}/${instance}/fileservers/rachel`,
      ({ body: seen }) => seen.status?.phase === 'stopped',
    );
    expect(await namesOf(objects('batch', 'jobs'))).toEqual([]);
    expect(await namesOf(objects('', 'services'))).toEqual([]);
    expect(await namesOf(objects('', 'pods'))).toEqual([]);
    expect(await namesOf(objects('networking.k8s.io', 'ingresses'))).toEqual([]);
    expect(await namesOf(objects('', 'secrets'))).toEqual(['berth-fileserver-master']);
  });

  it('comes up again, and goes when it is removed', async () => {
    const opening = process.files.open(aUser());
    await publish();
    await opening;

    await process.files.remove('rachel');

    expect(await namesOf(objects('batch', 'jobs'))).toEqual([]);
    expect(await namesOf(objects('', 'pods'))).toEqual([]);
  });

  it('was never refused for want of a right', async () => {
    const audit = await readAudit(cluster.folder, 'berth/');
    const mine = audit.filter(({ objectRef }) => objectRef?.namespace === instance);

    expect(mine.length).toBeGreaterThan(0);
    expect(mine.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  });
});

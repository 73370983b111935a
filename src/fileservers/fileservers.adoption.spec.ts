import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import {
  FILES,
  SERVER_IMAGE,
  aUser,
  fileObjects,
  fileSettings,
  startFileCluster,
  startFileProcess,
  storedServer,
} from '../../test/support/file-room.js';
import type { FileProcess } from '../../test/support/file-room.js';
import { until } from '../../test/support/until.js';
import { FileserversReadiness } from './fileservers.readiness.js';

const labels = (user: string) => ({ 'nublado.lsst.io/category': 'fileserver', 'nublado.lsst.io/user': user });

describe('file servers that a Nublado controller left', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function aCluster(): Promise<Cluster> {
    const cluster = await startFileCluster();
    ends.push(() => cluster.close());
    return cluster;
  }

  async function begin(cluster: Cluster): Promise<FileProcess> {
    const settings = fileSettings({ creationTimeout: '2s', reconcileInterval: '1s' });
    const process = await startFileProcess({ kubeconfig: cluster.kubeconfig('berth'), settings });
    ends.push(() => process.close());
    return process;
  }

  async function post(cluster: Cluster, path: string, object: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(cluster.api.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(object),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** As contract 5.8 has them, without any mark of ours. */
  async function leave(cluster: Cluster, user: string, parts: readonly ('job' | 'rest')[]): Promise<void> {
    const metadata = { name: `${user}-fs`, labels: labels(user) };
    const container = { name: 'fileserver', image: 'ghcr.io/lsst-sqre/nublado:11.0.0' };
    const securityContext = { runAsUser: 4711, runAsGroup: 4711, supplementalGroups: [4711, 2028] };
    const spec = { restartPolicy: 'Never', securityContext, containers: [container] };
    if (parts.includes('rest')) {
      const backend = { service: { name: metadata.name, port: { number: 8000 } } };
      const path = { path: `/files/${user}`, pathType: 'Prefix', backend };
      const route = { template: { metadata, spec: { rules: [{ http: { paths: [path] } }] } } };
      await post(cluster, `/apis/gafaelfawr.lsst.io/v1alpha1/namespaces/${FILES}/gafaelfawringresses`, {
        apiVersion: 'gafaelfawr.lsst.io/v1alpha1',
        kind: 'GafaelfawrIngress',
        metadata,
        ...route,
      });
      const service = { ports: [{ port: 8000 }], selector: labels(user) };
      await post(cluster, `/api/v1/namespaces/${FILES}/services`, { metadata, spec: service });
    }
    if (parts.includes('job')) {
      const template = { metadata: { labels: labels(user) }, spec };
      await post(cluster, `/apis/batch/v1/namespaces/${FILES}/jobs`, { metadata, spec: { template } });
    }
  }

  it('are taken over as they are with three writes, answered for, and removed when asked', async () => {
    const cluster = await aCluster();
    await leave(cluster, 'rachel', ['rest', 'job']);
    const phase = () =>
      cluster.api.store.dump('pods').map(({ status }) => (status as { phase: string }).phase);
    await until(() => phase().join() === 'Running', 'the pod');
    const uid = () => cluster.api.store.dump('jobs.batch')[0]?.metadata.uid;
    const before = uid();

    const process = await begin(cluster);
    await until(() => process.get(FileserversReadiness).ready, 'readiness', 20_000);
    const url = await process.files.open(aUser('rachel', { uid: 4711 }));
    const writes = process.requests.filter(
      ({ verb, resource }) =>
        ['create', 'patch', 'delete'].includes(verb) && resource !== 'leases' && resource !== 'events',
    );

    expect(url).toBe('https://data.example.org/files/rachel');
    expect(uid()).toBe(before);
    expect(storedServer(cluster)).toMatchObject({ status: { phase: 'running' } });
    expect(writes.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      'create fileservers',
      'patch jobs',
      'patch fileservers',
    ]);
    await process.files.remove('rachel');
    expect(fileObjects(cluster)).toEqual([]);
  });

  it('are removed where they are half made, or over, and old enough; a request finds a clean place before', async () => {
    const cluster = await aCluster();
    await leave(cluster, 'half', ['rest']);
    cluster.kubelets.setScript('lsst-sqre/nublado', { runMs: 1 });
    await leave(cluster, 'over', ['rest', 'job']);
    await leave(cluster, 'asks', ['rest']);
    cluster.kubelets.setScript(SERVER_IMAGE, {});

    const process = await begin(cluster);
    await process.files.open(aUser('asks'));
    await until(
      () => fileObjects(cluster).every((object) => object.includes('/asks-fs')),
      'nothing of the others is left',
      15_000,
    );

    expect(process.files.running()).toEqual(['asks']);
  });

  it('leaves alone what another instance marked', async () => {
    const cluster = await aCluster();
    const theirs = { ...labels('wrench'), 'berth.dev/instance': 'another', 'berth.dev/owner': 'somebody' };
    const service = { ports: [{ port: 8000 }], selector: labels('wrench') };
    await post(cluster, `/api/v1/namespaces/${FILES}/services`, {
      metadata: { name: 'wrench-fs', labels: theirs },
      spec: service,
    });

    const process = await begin(cluster);
    const refused = process.files.open(aUser('wrench'));

    await expect(refused).rejects.toMatchObject({ failure: { reason: 'name_taken' } });
    await until(() => fileObjects(cluster).join() === 'services/wrench-fs', 'only theirs is left');
  });
});

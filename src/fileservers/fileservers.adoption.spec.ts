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
import { JUMP_LEASE, JumpClock } from '../../test/support/jump-clock.js';
import { until } from '../../test/support/until.js';
import { FileserversReadiness } from './fileservers.readiness.js';

const labels = (user: string) => ({ 'nublado.lsst.io/category': 'fileserver', 'nublado.lsst.io/user': user });

describe('file servers that a Nublado controller left', { timeout: 60_000 }, () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function aCluster(): Promise<Cluster> {
    const cluster = await startFileCluster();
    ends.push(() => cluster.close());
    return cluster;
  }

  async function begin(cluster: Cluster, clock = new JumpClock()): Promise<FileProcess> {
    const settings = fileSettings();
    const kubeconfig = cluster.kubeconfig('berth');
    const process = await startFileProcess({ kubeconfig, settings, clock, lease: JUMP_LEASE });
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
      const config = {
        baseUrl: 'https://data.example.org',
        scopes: { all: ['write:files'] },
        username: user,
      };
      const route = { config, template: { metadata, spec: { rules: [{ http: { paths: [path] } }] } } };
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
    await until(() => process.get(FileserversReadiness).ready, 'readiness', 30_000);
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

    const clock = new JumpClock();
    const process = await begin(cluster, clock);
    await process.files.open(aUser('asks'));
    expect(fileObjects(cluster)).toContain('services/half-fs');
    clock.jump(120_000);
    await until(
      () => fileObjects(cluster).every((object) => object.includes('/asks-fs')),
      'nothing of the others is left',
      30_000,
    );

    expect(process.files.running()).toEqual(['asks']);
  });

  it('are not taken over where they would be open to everybody, but replaced when their owner asks', async () => {
    const cluster = await aCluster();
    await leave(cluster, 'rachel', ['job']);
    const uid = () => cluster.api.store.dump('jobs.batch')[0]?.metadata.uid;
    const before = uid();
    const settings = fileSettings({}, { publish: 'ingress', verifyUrl: 'http://berth.berth/nublado' });
    const kubeconfig = cluster.kubeconfig('berth');
    const process = await startFileProcess({ kubeconfig, settings });
    ends.push(() => process.close());

    await until(() => process.get(FileserversReadiness).ready, 'readiness', 30_000);
    expect(storedServer(cluster)).toBeUndefined();
    await process.files.open(aUser('rachel', { uid: 4711 }));

    expect(uid()).not.toBe(before);
    expect(JSON.stringify(cluster.api.store.dump('jobs.batch'))).toContain('BERTH_VERIFY_URL');
  });

  it('are taken over again when their record was lost', async () => {
    const cluster = await aCluster();
    const process = await begin(cluster);
    await process.files.open(aUser());
    const uid = () => cluster.api.store.dump('jobs.batch')[0]?.metadata.uid;
    const [before, lost] = [uid(), storedServer(cluster)?.metadata.uid];
    await process.close();
    const path = '/apis/berth.dev/v1alpha1/namespaces/berth/fileservers/rachel';
    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = JSON.stringify({ metadata: { finalizers: null } });
    await fetch(cluster.api.url + path, { method: 'PATCH', headers, body });
    await fetch(cluster.api.url + path, { method: 'DELETE' });
    expect(storedServer(cluster)).toBeUndefined();

    const next = await begin(cluster);
    await until(() => next.files.running().includes('rachel'), 'its adoption', 30_000);

    expect(uid()).toBe(before);
    expect(storedServer(cluster)?.metadata.uid).not.toBe(lost);
    await next.files.remove('rachel');
    expect(fileObjects(cluster)).toEqual([]);
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

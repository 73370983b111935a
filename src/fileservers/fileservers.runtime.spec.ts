import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

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
import { FileServerCreateFailed, NoFileServer } from './fileservers.errors.js';

const shapes = (cluster: Cluster): readonly string[] =>
  fileObjects(cluster).map((object) => object.replace(/^(pods\/.*)-[a-z0-9]{5}$/, '$1-…'));

const WHOLE = [
  'gafaelfawringresses/rachel-fs',
  'ingresses/rachel-fs',
  'jobs/rachel-fs',
  'pods/rachel-fs-…',
  'services/rachel-fs',
];

describe('a user’s file server', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  let process: FileProcess;

  beforeAll(async () => {
    cluster = await startFileCluster();
    process = await startFileProcess({ kubeconfig: cluster.kubeconfig('berth'), settings: fileSettings() });
  });

  afterEach(async () => {
    cluster.kubelets.setScript(SERVER_IMAGE, {});
    for (const user of process.files.running()) await process.files.remove(user);
  });

  afterAll(async () => {
    await process.close();
    await cluster.close();
  });

  const failureOf = async (user: string): Promise<FileServerCreateFailed['failure']> => {
    const error: unknown = await process.files.open(aUser(user)).catch((thrown: unknown) => thrown);
    if (!(error instanceof FileServerCreateFailed)) throw new Error(`no such failure: ${String(error)}`);
    return error.failure;
  };

  /** As a kubelet tells it of a server that nobody used for long enough. */
  async function endByItself(): Promise<void> {
    const pod = cluster.api.store.dump('pods').find(({ metadata }) => metadata.namespace === FILES);
    const path = `${cluster.api.url}/api/v1/namespaces/${FILES}/pods/${pod?.metadata.name ?? ''}/status`;
    const answer = await fetch(path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ status: { phase: 'Succeeded' } }),
    });
    expect(answer.status).toBe(200);
  }

  it('comes up when its owner asks, and goes when it has idled long enough', async () => {
    const url = await process.files.open(aUser());
    const whole = shapes(cluster);
    const phase = storedServer(cluster)?.status?.phase;
    await endByItself();
    await until(() => fileObjects(cluster).length === 0, 'its objects are gone', 30_000);
    await until(() => storedServer(cluster)?.status?.phase === 'stopped', 'the record of its end', 30_000);

    expect(url).toBe('https://data.example.org/files/rachel');
    expect(phase).toBe('running');
    expect(whole).toEqual(WHOLE);
    await expect(process.files.status('rachel')).rejects.toBeInstanceOf(NoFileServer);
  });

  it('is not there for somebody who has the name of its owner now', async () => {
    await process.files.open(aUser());

    await process.files.status('rachel', aUser().uid);

    await expect(process.files.status('rachel', 4711)).rejects.toBeInstanceOf(NoFileServer);
  });

  it('is one for all who ask at once, and costs nothing to ask for again', async () => {
    const urls = await Promise.all([1, 2, 3].map(() => process.files.open(aUser())));
    const sent = process.requests.filter(({ reason }) => !reason.startsWith('lease')).length;

    await process.files.open(aUser());
    await process.files.status('rachel');

    expect(new Set(urls).size).toBe(1);
    expect(shapes(cluster)).toEqual(WHOLE);
    expect(process.requests.filter(({ reason }) => !reason.startsWith('lease'))).toHaveLength(sent);
    expect(process.files.running()).toEqual(['rachel']);
  });

  it('is gone when it was removed, and comes up again', async () => {
    await process.files.open(aUser());

    await process.files.remove('rachel');

    expect(fileObjects(cluster)).toEqual([]);
    await expect(process.files.remove('rachel')).rejects.toThrow('File server for rachel not running');
    await expect(process.files.remove('nobody')).rejects.toThrow('Unknown user nobody');
    await process.files.open(aUser());
    expect(shapes(cluster)).toEqual(WHOLE);
  });

  it.each(['services', 'gafaelfawringresses.gafaelfawr.lsst.io'])(
    'gets back what somebody deleted of its %s',
    async (kind) => {
      await process.files.open(aUser());
      const uid = (): unknown =>
        cluster.api.store.dump(kind).find(({ metadata }) => metadata.namespace === FILES)?.metadata.uid;
      const before = uid();
      const [plural = '', ...group] = kind.split('.');
      const root = group.length === 0 ? '/api/v1' : `/apis/${group.join('.')}/v1alpha1`;

      await fetch(`${cluster.api.url}${root}/namespaces/${FILES}/${plural}/rachel-fs`, { method: 'DELETE' });
      await until(() => uid() !== undefined && uid() !== before, 'another one', 30_000);

      expect(await process.files.open(aUser())).toBe('https://data.example.org/files/rachel');
    },
  );

  it('stops when somebody says so by kubectl', async () => {
    await process.files.open(aUser());

    await fetch(`${cluster.api.url}/apis/berth.dev/v1alpha1/namespaces/berth/fileservers/rachel`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { desiredState: 'stopped' } }),
    });
    await until(() => storedServer(cluster)?.status?.phase === 'stopped', 'its end', 30_000);

    expect(fileObjects(cluster)).toEqual([]);
  });

  it('stops when somebody deletes its resource, and is forgotten', async () => {
    await process.files.open(aUser());

    const path = '/apis/berth.dev/v1alpha1/namespaces/berth/fileservers/rachel';
    await fetch(cluster.api.url + path, { method: 'DELETE' });
    await until(() => storedServer(cluster) === undefined, 'the resource is gone', 30_000);

    expect(fileObjects(cluster)).toEqual([]);
  });

  it('says with its last words that it ended by itself', async () => {
    cluster.kubelets.setScript(SERVER_IMAGE, {
      failure: 'crash',
      readyMs: 600_000,
      lastWords: 'no such directory: /mnt',
    });

    const failure = await failureOf('crasher');

    expect(failure.reason).toBe('server_ended');
    expect(failure.cause).toContain('no such directory');
  });

  it('leaves a stranger’s Service of its name alone, and names it', async () => {
    const path = `${cluster.api.url}/api/v1/namespaces/${FILES}/services`;
    const theirs = { metadata: { name: 'taken-fs' }, spec: { ports: [{ port: 80 }] } };
    const headers = { 'content-type': 'application/json' };
    await fetch(path, { method: 'POST', headers, body: JSON.stringify(theirs) });

    const failure = await failureOf('taken');
    await until(
      () => fileObjects(cluster).join() === 'services/taken-fs',
      'only the stranger’s is left',
      30_000,
    );

    expect(failure).toMatchObject({ reason: 'name_taken' });
    await fetch(`${path}/taken-fs`, { method: 'DELETE' });
  });

  it('does not serve the files of somebody who had the name before', async () => {
    await process.files.open(aUser('heir'));
    const job = (): unknown =>
      cluster.api.store.dump('jobs.batch').find(({ metadata }) => metadata.name === 'heir-fs');
    const before = JSON.stringify(job());

    await process.files.open(aUser('heir', { uid: 2222 }));

    expect(before).toContain('"runAsUser":1101');
    expect(JSON.stringify(job())).toContain('"runAsUser":2222');
  });
});

describe('a file server on another cluster', { timeout: 60_000 }, () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('says that its image cannot be pulled, in the answer and to kubectl, leaves nothing, and can be started later', async () => {
    const scripts = { [SERVER_IMAGE]: { failure: 'imageMissing' } } as const;
    const cluster = await startFileCluster({ scripts });
    ends.push(() => cluster.close());
    const process = await startFileProcess({
      kubeconfig: cluster.kubeconfig('berth'),
      settings: fileSettings(),
    });
    ends.push(() => process.close());

    const error: unknown = await process.files.open(aUser()).catch((thrown: unknown) => thrown);
    await until(() => fileObjects(cluster).length === 0, 'its objects are gone', 30_000);
    await until(() => storedServer(cluster)?.spec.desiredState === 'stopped', 'its record is filed', 30_000);

    expect(error).toMatchObject({ failure: { reason: 'image_unavailable', who: 'operator' } });
    const { conditions } = storedServer(cluster)?.status ?? {};
    const failed = conditions?.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({ status: 'True', reason: 'image_unavailable' });
    expect(failed?.message).toContain('NUBLADO_CONTROLLER_TAG');

    cluster.kubelets.setScript(SERVER_IMAGE, {});
    await process.files.open(aUser());
    expect(storedServer(cluster)?.status).toMatchObject({ phase: 'running' });
    expect(storedServer(cluster)?.status?.failure).toBeUndefined();
  });

  it('takes a host name for an address', async () => {
    const cluster = await startFileCluster({ ingresses: { address: { hostname: 'lb.example.org' } } });
    ends.push(() => cluster.close());
    const process = await startFileProcess({
      kubeconfig: cluster.kubeconfig('berth'),
      settings: fileSettings(),
    });
    ends.push(() => process.close());

    expect(await process.files.open(aUser())).toBe('https://data.example.org/files/rachel');
  });
});

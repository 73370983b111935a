import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import {
  SERVER_IMAGE,
  fileSettings,
  startFileCluster,
  startFileProcess,
} from '../../test/support/file-room.js';
import type { FileProcess } from '../../test/support/file-room.js';
import { JUMP_LEASE, JumpClock } from '../../test/support/jump-clock.js';
import { QuickClock } from '../../test/support/quick-clock.js';
import { until } from '../../test/support/until.js';
import type { Clock } from '../common/clock.js';
import { FsadminService } from './fsadmin.service.js';

const PATH = '/api/v1/namespaces/berth/pods';
const claim = {
  name: 'scratch',
  source: {
    type: 'persistentVolumeClaim',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'standard',
    resources: { requests: { storage: '1Gi' } },
  },
};
const home = { name: 'home', source: { type: 'nfs', server: '10.0.0.1', serverPath: '/home' } };

describe('fsadmin', { timeout: 60_000 }, () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(
    piece: object = {},
    clock: Clock = new QuickClock(4),
  ): Promise<{ cluster: Cluster; process: FileProcess; fsadmin: FsadminService }> {
    const cluster = await startFileCluster();
    ends.push(() => cluster.close());
    const storage = { metadata: { name: 'standard' }, provisioner: 'simulated' };
    await fetch(`${cluster.api.url}/apis/storage.k8s.io/v1/storageclasses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(storage),
    });
    const settings = fileSettings({}, {}, piece as Record<string, unknown>);
    const process = await startFileProcess({
      kubeconfig: cluster.kubeconfig('berth'),
      settings,
      clock,
      lease: JUMP_LEASE,
    });
    ends.push(() => process.close());
    return { cluster, process, fsadmin: process.get(FsadminService) };
  }

  const found = (cluster: Cluster, kind: string): readonly string[] =>
    cluster.api.store
      .dump(kind)
      .filter(({ metadata }) => metadata.namespace === 'berth')
      .map(({ metadata }) => metadata.name);

  it('comes and goes with its claims, and asking for its state changes nothing', async () => {
    const { cluster, process, fsadmin } = await start({
      volumes: [home, claim],
      volumeMounts: [
        { containerPath: '/home', volumeName: 'home' },
        { containerPath: '/scratch', volumeName: 'scratch' },
      ],
    });

    await expect(fsadmin.status()).rejects.toMatchObject({ code: 'not_found', message: 'berth/fsadmin' });
    await fsadmin.remove();
    const asked = process.requests.filter(({ reason }) => reason === 'fsadmin').map(({ verb }) => verb);
    const started = await fsadmin.create();
    const again = await fsadmin.create();
    const state = await fsadmin.status();

    expect(asked.filter((verb) => verb !== 'get' && verb !== 'list')).toEqual(['deletecollection']);
    expect(started).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect([again, state]).toEqual([started, started]);
    expect(found(cluster, 'pods')).toEqual(['fsadmin']);
    expect(found(cluster, 'persistentvolumeclaims')).toEqual(['fsadmin-pvc-scratch']);
    await fsadmin.remove();
    expect(found(cluster, 'pods')).toEqual([]);
    expect(found(cluster, 'persistentvolumeclaims')).toEqual([]);
  });

  it('lets a removal wait for a start under way', async () => {
    const { cluster, fsadmin } = await start();

    const starting = fsadmin.create();
    const removing = fsadmin.remove();

    expect(await starting).not.toBe('');
    await removing;
    expect(found(cluster, 'pods')).toEqual([]);
  });

  it('leaves a stranger’s pod of its name alone', async () => {
    const { cluster, fsadmin } = await start();
    const pod = {
      metadata: { name: 'fsadmin' },
      spec: { containers: [{ name: 'theirs', image: 'theirs' }] },
    };
    const headers = { 'content-type': 'application/json' };
    await fetch(cluster.api.url + PATH, { method: 'POST', headers, body: JSON.stringify(pod) });

    await expect(fsadmin.create()).rejects.toMatchObject({ code: 'fsadmin_taken' });
    await expect(fsadmin.remove()).rejects.toMatchObject({ code: 'fsadmin_taken' });
    await expect(fsadmin.status()).rejects.toMatchObject({ code: 'not_found' });
    expect(found(cluster, 'pods')).toEqual(['fsadmin']);
  });

  it('says when its time is over what stands in the way of its pod', async () => {
    const clock = new JumpClock();
    const { cluster, process, fsadmin } = await start({}, clock);
    cluster.kubelets.setScript(SERVER_IMAGE, { failure: 'imageMissing' });

    const starting = fsadmin.create().catch((error: unknown) => error);
    const waits = () => JSON.stringify(cluster.api.store.dump('pods')).includes('ImagePullBackOff');
    await until(waits, 'the obstacle', 30_000);
    // The look after the next has seen it.
    const looks = () =>
      process.requests.filter(({ verb, reason }) => verb === 'get' && reason === 'fsadmin').length;
    const before = looks();
    await until(() => looks() >= before + 2, 'two looks', 30_000);
    clock.jump(120_000);

    const error = (await starting) as Error;
    expect(error).toMatchObject({ code: 'fsadmin_failed' });
    expect(error.message).toMatch(
      /^Filesystem admin creation timed out after 120: (ImagePullBackOff|ErrImagePull): /,
    );
  });

  it('replaces a pod of its own that has ended, and says why one does not run', async () => {
    const { cluster, fsadmin } = await start();
    cluster.kubelets.setScript(SERVER_IMAGE, { runMs: 1 });
    await fsadmin.create().catch(() => undefined);
    const phase = () => (cluster.api.store.dump('pods')[0]?.status as { phase?: string } | undefined)?.phase;
    await until(() => phase() === 'Succeeded', 'its end', 30_000);

    await expect(fsadmin.status()).rejects.toMatchObject({ code: 'invalid_phase', message: 'Succeeded' });
    cluster.kubelets.setScript(SERVER_IMAGE, {});
    expect(await fsadmin.create()).not.toBe('');
  });
});

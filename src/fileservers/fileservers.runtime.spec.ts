import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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

describe('a user’s file server', () => {
  let cluster: Cluster;
  let process: FileProcess;

  beforeAll(async () => {
    cluster = await startFileCluster();
    const settings = fileSettings({ creationTimeout: '5s', deleteTimeout: '5s' });
    process = await startFileProcess({ kubeconfig: cluster.kubeconfig('berth'), settings });
  });

  afterAll(async () => {
    await process.close();
    await cluster.close();
  });

  it('comes up when its owner asks, and goes when it has idled long enough', async () => {
    cluster.kubelets.setScript(SERVER_IMAGE, { runMs: 60_000 });

    const url = await process.files.open(aUser());
    const objects = fileObjects(cluster);
    const phase = storedServer(cluster)?.status?.phase;
    await until(() => fileObjects(cluster).length === 0, 'its objects are gone');
    await until(() => storedServer(cluster)?.status?.phase === 'stopped', 'the record of its end');

    expect(url).toBe('https://data.example.org/files/rachel');
    expect(phase).toBe('running');
    expect(objects.map((object) => object.replace(/-[a-z0-9]{5}$/, '-…'))).toEqual([
      'gafaelfawringresses/rachel-fs',
      'ingresses/rachel-fs',
      'jobs/rachel-fs',
      'pods/rachel-fs-…',
      'services/rachel-fs',
    ]);
    expect(FILES).toBe('fileservers');
  });
});

import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
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
import { stored } from '../../test/support/cluster-shapes.js';
import { until } from '../../test/support/until.js';
import { FileserverView } from './fileserver.view.js';
import type { ObservedServer } from './fileserver.observed.js';
import { FileServerCreateFailed } from './fileservers.errors.js';

const claim = {
  name: 'scratch',
  source: {
    type: 'persistentVolumeClaim',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'nowhere',
    resources: { requests: { storage: '1Gi' } },
  },
};
const home = { name: 'home', source: { type: 'nfs', server: '10.0.0.1', serverPath: '/home' } };
const ON_CLAIM = fileSettings(
  { volumeMounts: [{ containerPath: '/scratch', volumeName: 'scratch' }] },
  {},
  { volumes: [home, claim] },
);
const CREATION = 120_000;
/** Long enough for a Job to have a pod, and far from all time. */
const SOON = 6_000;
const REMOVAL = 60_000;
/** The grace of a server's pod, berth.fileservers.drain, and what a silent node is given besides. */
const PATIENCE = 631_000;

/** Patience is at an end when the stage is set, however slow the machine is. */
class Stage {
  readonly clock = new JumpClock();
  cluster!: Cluster;
  process!: FileProcess;

  async begin(settings = fileSettings(), options: ClusterOptions = {}): Promise<this> {
    this.cluster = await startFileCluster(options);
    const kubeconfig = this.cluster.kubeconfig('berth');
    this.process = await startFileProcess({ kubeconfig, settings, clock: this.clock, lease: JUMP_LEASE });
    return this;
  }

  seen(user = 'rachel'): ObservedServer | undefined {
    const view = this.process.get(FileserverView);
    const server = view.servers.find(user);
    return server && view.observe(server);
  }

  /** Why it does not come up, when all time is over once `ripe`. */
  async failure(ripe: (seen: ObservedServer) => boolean): Promise<FileServerCreateFailed['failure']> {
    const opening = this.process.files.open(aUser()).catch((error: unknown) => error);
    const isRipe = (): boolean => {
      const seen = this.seen();
      return seen !== undefined && ripe(seen);
    };
    await until(isRipe, 'what it waits for', 30_000);
    this.clock.jump(CREATION);
    const error = await opening;
    if (!(error instanceof FileServerCreateFailed)) throw new Error(`no such failure: ${String(error)}`);
    return error.failure;
  }

  async send(method: string, path: string, body?: object): Promise<void> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body && { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await fetch(this.cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async close(): Promise<void> {
    await this.process.close();
    await this.cluster.close();
  }
}

describe('a file server whose surroundings fail it', { timeout: 60_000 }, () => {
  let stage: Stage;

  afterEach(() => stage.close());

  const gone = (): Promise<void> =>
    until(() => fileObjects(stage.cluster).length === 0, 'nothing of it is left', 30_000);

  it('says that it never answered', async () => {
    stage = await new Stage().begin(fileSettings(), {
      scripts: { [SERVER_IMAGE]: { failure: 'neverReady' } },
    });

    const failure = await stage.failure(({ pod }) => pod?.container.state === 'running');

    expect(failure).toMatchObject({ reason: 'not_ready', who: 'operator' });
    await gone();
  });

  it('says that its ingress never got an address', async () => {
    stage = await new Stage().begin(fileSettings(), {
      only: [
        'serviceAccounts',
        'scheduler',
        'kubelets',
        'jobs',
        'owners',
        'namespaces',
        'ingresses',
        'gafaelfawr',
      ],
      ingresses: { address: { ip: '' } },
    });

    const failure = await stage.failure(({ pod }) => pod?.ready === true);

    expect(failure).toMatchObject({ reason: 'no_address', who: 'operator' });
    expect(failure.cause).toContain('its Ingress has no address');
    await gone();
  });

  it('says that its Job got no pod', async () => {
    stage = await new Stage().begin(fileSettings(), { only: ['serviceAccounts', 'gafaelfawr', 'owners'] });

    const failure = await stage.failure(({ job }) => job !== undefined);

    expect(failure).toMatchObject({ reason: 'pod_missing', who: 'operator' });
  });

  const wordsOfJobs = () =>
    stored(stage.cluster, 'events').filter(
      (event) => (event as { reason?: string }).reason === 'FailedCreate',
    );

  it('says which quota has no room for its pod', async () => {
    stage = await new Stage().begin();
    const quota = { metadata: { name: 'crowded' }, spec: { hard: { pods: '0' } } };
    await stage.send('POST', `/api/v1/namespaces/${FILES}/resourcequotas`, quota);

    const failure = await stage.failure(() => wordsOfJobs().length > 0);

    expect(failure).toMatchObject({ reason: 'quota_exceeded', who: 'operator' });
    expect(failure.cause).toContain('The quota crowded has no room for the file server');
    expect(failure.cause).toContain('limited: pods=0');
    await gone();
  });

  it('says at once that its pod is forbidden for good', async () => {
    stage = await new Stage().begin(fileSettings(), { only: ['serviceAccounts', 'gafaelfawr', 'owners'] });
    const opening = stage.process.files.open(aUser()).catch((error: unknown) => error);
    await until(() => stage.seen()?.job !== undefined, 'its Job', 30_000);
    // As the Job's controller says it.
    await stage.send('POST', `/api/v1/namespaces/${FILES}/events`, {
      metadata: { name: 'rachel-fs.1' },
      involvedObject: { kind: 'Job', namespace: FILES, name: 'rachel-fs', uid: stage.seen()?.job?.uid },
      ...{ type: 'Warning', reason: 'FailedCreate', lastTimestamp: '2026-01-01T00:00:00Z' },
      message: 'Error creating: pods "rachel-fs-x" is forbidden: violates PodSecurity "restricted:latest"',
    });

    stage.clock.jump(SOON);

    expect(await opening).toMatchObject({ failure: { reason: 'pod_security_denied', who: 'operator' } });
  });

  it('says that its claim has no volume', async () => {
    stage = await new Stage().begin(ON_CLAIM);

    const failure = await stage.failure(({ pod }) => pod?.unschedulable !== undefined);

    expect(failure).toMatchObject({ reason: 'volume_unbound', who: 'operator' });
    await gone();
  });

  it('says at once that somebody deleted its claim, in the answer and to kubectl', async () => {
    stage = await new Stage().begin(ON_CLAIM, { only: ['serviceAccounts', 'jobs', 'gafaelfawr', 'owners'] });
    const opening = stage.process.files.open(aUser()).catch((error: unknown) => error);
    await until(() => stage.seen()?.pod !== undefined, 'its pod', 30_000);

    // As the scheduler says it.
    const message = 'persistentvolumeclaim "rachel-fs-pvc-scratch" not found';
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    const path = `/api/v1/namespaces/${FILES}/pods/${stage.seen()?.pod?.name ?? ''}/status`;
    await stage.send('PATCH', path, { status: { conditions: [condition] } });
    const error = await opening;

    expect(error).toMatchObject({ failure: { reason: 'volume_missing', who: 'operator' } });
    const failed = storedServer(stage.cluster)?.status?.conditions?.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({ status: 'True', reason: 'volume_missing' });
    expect(failed?.message).toContain('Ask for the files again');
  });

  it('says that its node cannot mount a volume, and who can mend that', async () => {
    stage = await new Stage().begin(fileSettings(), {
      scripts: { [SERVER_IMAGE]: { failure: 'failedMount' } },
    });

    const failure = await stage.failure(({ server }) =>
      server.record.ledger.some(({ reason }) => reason === 'volume_not_mounted'),
    );

    expect(failure).toMatchObject({ reason: 'volume_not_mounted', who: 'operator' });
  });

  it('answers a removal when its time is over, and goes on with it', async () => {
    stage = await new Stage().begin();
    await stage.process.files.open(aUser());
    const service = `/api/v1/namespaces/${FILES}/services/rachel-fs`;
    await stage.send('PATCH', service, { metadata: { finalizers: ['example.org/held'] } });

    const removing = stage.process.files.remove('rachel').catch((error: unknown) => error);
    await until(() => stage.seen()?.service?.deleting === true, 'its deletion', 30_000);
    stage.clock.jump(REMOVAL);

    expect(await removing).toMatchObject({
      code: 'file_server_delete_failed',
      message: 'Failed to delete file server: File server deletion timed out after 60',
    });
    await stage.send('PATCH', service, { metadata: { finalizers: null } });
    await until(() => storedServer(stage.cluster)?.status?.phase === 'stopped', 'its end', 30_000);
    expect(fileObjects(stage.cluster)).toEqual([]);
  });

  it('says that the server before it is still ending, when that takes longer than anybody waits', async () => {
    stage = await new Stage().begin();
    await stage.process.files.open(aUser());
    const path = `/api/v1/namespaces/${FILES}/pods/${stage.seen()?.pod?.name ?? ''}`;
    await stage.send('PATCH', path, { metadata: { finalizers: ['example.org/held'] } });
    const removing = stage.process.files.remove('rachel').catch((error: unknown) => error);
    await until(() => stage.seen()?.pod?.deletingUntil !== undefined, 'its end', 30_000);

    const opening = stage.process.files.open(aUser()).catch((error: unknown) => error);
    stage.clock.jump(CREATION + REMOVAL);

    expect(await opening).toMatchObject({ failure: { reason: 'still_ending', who: 'user' } });
    await removing;
    await stage.send('PATCH', path, { metadata: { finalizers: null } });
  });

  describe('by its node', () => {
    const silence = async (): Promise<string> => {
      const node = stage.seen()?.pod?.node ?? '';
      await stage.cluster.kubelets.kubelet(node).markNotReady();
      await until(() => stage.seen()?.node === 'not_ready', 'the silence', 30_000);
      return node;
    };
    const forced = (): number =>
      stage.process.requests.filter(({ verb, reason }) => verb === 'delete' && reason === 'fileserver-force')
        .length;

    it('leaves it alone while the node is silent, and forces the pod away half a minute after its grace', async () => {
      stage = await new Stage().begin();
      await stage.process.files.open(aUser());
      await silence();
      await stage.process.files.status('rachel');
      expect(storedServer(stage.cluster)?.status?.phase).toBe('running');

      const removing = stage.process.files.remove('rachel');
      await until(() => stage.seen()?.pod?.deletingUntil !== undefined, 'the deletion of its pod', 30_000);
      expect(forced()).toBe(0);
      stage.clock.jump(PATIENCE);
      await removing.catch(() => undefined);

      await until(() => storedServer(stage.cluster)?.status?.phase === 'stopped', 'its end', 30_000);
      expect(forced()).toBe(1);
      expect(fileObjects(stage.cluster)).toEqual([]);
    });

    it('gives it up when the cluster has, and serves the files from another node', async () => {
      stage = await new Stage().begin();
      await stage.process.files.open(aUser());
      const before = await silence();

      await stage.send('DELETE', `/api/v1/namespaces/${FILES}/pods/${stage.seen()?.pod?.name ?? ''}`);
      await until(() => stage.seen()?.pod?.deletingUntil !== undefined, 'the deletion of its pod', 30_000);
      stage.clock.jump(PATIENCE);
      await until(() => storedServer(stage.cluster)?.spec.desiredState === 'stopped', 'the turn', 30_000);
      const reason = storedServer(stage.cluster)?.status?.failure?.reason;

      expect(await stage.process.files.open(aUser())).toBe('https://data.example.org/files/rachel');
      expect(reason).toBe('node_lost');
      expect(stage.seen()?.pod?.node).not.toBe(before);
    });
  });
});

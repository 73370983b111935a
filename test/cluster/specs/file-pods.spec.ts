import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileServer } from '../../../src/fileservers/fileserver.js';
import { FileserverView } from '../../../src/fileservers/fileserver.view.js';
import { serverName } from '../../../src/fileservers/fileserver.names.js';
import { buildFsadminPod, buildPart } from '../../../src/fileservers/objects/index.js';
import type { ServerObject } from '../../../src/fileservers/objects/index.js';
import { instant } from '../../../src/common/units.js';
import { aUser, fileSettings, startFileProcess } from '../../support/file-room.js';
import type { FileProcess } from '../../support/file-room.js';
import type { ConfigPiece } from '../../gen/settings.gen.js';
import { JUMP_LEASE, JumpClock } from '../../support/jump-clock.js';
import { until } from '../../support/until.js';
import { Api, type Refusal, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

const LEVELS = ['privileged', 'baseline', 'restricted'];
const ASKING = { publish: 'ingress', verifyUrl: 'http://berth.berth/nublado' };
const home = (source: ConfigPiece): ConfigPiece => ({ volumes: [{ name: 'home', source }] });
const CLAIM = home({
  type: 'persistentVolumeClaim',
  accessModes: ['ReadWriteMany'],
  storageClassName: 'shared',
  resources: { requests: { storage: '1Gi' } },
});

const SERVER: Pick<FileServer, 'name' | 'uid' | 'wish'> = {
  name: 'rachel',
  uid: '0b6d3e53-3a52-4a58-8c3a-30c1a5f0c001',
  wish: {
    owner: { username: 'rachel', name: null, uid: 1101, gid: 1101, groups: [{ name: 'rachel', id: 1101 }] },
    desiredState: 'running',
    operation: { id: 'abcdefghij', kind: 'start', acceptedAt: instant(0) },
  },
};

/** A part of a user's server, published by an Ingress. */
function objectOf(part: 'route' | 'service' | 'job', username: string, lab: ConfigPiece = {}): ServerObject {
  const { fileserver, berth, lab: labs, utilityImage, externalInstanceUrl } = fileSettings({}, ASKING, lab);
  if (!fileserver.enabled) throw new Error('disabled');
  const { wish } = SERVER;
  const server = {
    ...SERVER,
    name: serverName(username),
    wish: { ...wish, owner: { ...wish.owner, username } },
  };
  return buildPart(
    {
      server,
      instance: 'berth',
      files: fileserver,
      publishing: berth.fileservers,
      volumes: labs.volumes,
      image: utilityImage,
      baseUrl: externalInstanceUrl,
      verifyUrl: `${ASKING.verifyUrl}/fileserver/v1/verify`,
    },
    part,
  );
}

/** The pod that the Job controller would make. */
function serverPod(lab: ConfigPiece): object {
  const { object } = objectOf('job', 'rachel', lab);
  const { template } = (object as { readonly spec?: { readonly template: object } }).spec ?? {};
  return { apiVersion: 'v1', kind: 'Pod', ...template };
}

function adminPod(lab: ConfigPiece): object {
  const { fsadmin, lab: labs, utilityImage } = fileSettings({}, {}, lab);
  const pod = buildFsadminPod({ namespace: '', fsadmin, lab: labs, image: utilityImage });
  return { ...pod, metadata: { ...pod.metadata, namespace: undefined } };
}

describeReal('the pods of file servers on a real control plane', (cluster) => {
  const api = new Api(cluster);
  beforeAll(() => installCrds(api));
  afterAll(() => api.close());

  /**
   * @promise nobody gets in
   * @fault the namespace of file servers enforces Pod Security
   * @outcome the real API server takes each pod at the strictest level that its volumes allow, and at no stricter one
   */
  it.each<[string, string, object]>([
    ['a server of homes on claims', 'restricted', serverPod(CLAIM)],
    ['a server of homes on NFS', 'baseline', serverPod({})],
    [
      'a server of homes in a folder of the node',
      'privileged',
      serverPod(home({ type: 'hostPath', path: '/home' })),
    ],
    ['the administrators’ pod', 'privileged', adminPod({})],
  ])('Pod Security takes %s at the level %s, and at no stricter one', async (_what, level, pod) => {
    const namespace = await freshNamespace(api, 'files-security');
    const path = `/api/v1/namespaces/${namespace}`;
    const enforce = (wanted: string) =>
      api.merge(path, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': wanted } } });

    await enforce(level);
    const { status, body, warnings } = await api.create<Refusal>(`${path}/pods?dryRun=All`, pod);

    expect(status, body.message).toBe(201);
    expect(warnings).toEqual([]);
    const stricter = LEVELS[LEVELS.indexOf(level) + 1];
    if (stricter === undefined) return;
    await enforce(stricter);
    const refused = await api.create<Refusal>(`${path}/pods?dryRun=All`, pod);
    expect(refused.body.message).toContain(`violates PodSecurity "${stricter}:latest"`);
  });

  it.each(['9lives', 'a.b', 'Über', 'x'.repeat(90), 'x-fs-pvc-y'])(
    'takes every object of a user who is called %s',
    async (username) => {
      const namespace = await freshNamespace(api, 'files-names');
      for (const part of ['route', 'service', 'job'] as const) {
        const { object, kind } = objectOf(part, username);
        const root = kind.group === '' ? '/api' : `/apis/${kind.group}`;
        const path = `${root}/${kind.version}/namespaces/${namespace}/${kind.plural}`;
        const { status, body } = await api.create<Refusal>(`${path}?dryRun=All&fieldValidation=Strict`, {
          ...object,
          metadata: { ...(object.metadata as object), namespace },
        });

        expect([part, status, body.message]).toEqual([part, 201, undefined]);
      }
    },
  );

  describe('on a node that is dead', () => {
    const clock = new JumpClock();
    let instance = '';
    let process: FileProcess;

    beforeAll(async () => {
      instance = await freshNamespace(api, 'files-dead');
      const ours = await grantRights(api, cluster, instance, ['fileservers']);
      // Nobody ever hears of it; only this server goes there.
      const name = `dead-${instance}`;
      await api.make('/api/v1/nodes', { metadata: { name, labels: { files: instance } } });
      const [cpu, memory, pods] = ['8', '32Gi', '110'];
      await api.merge(`/api/v1/nodes/${name}/status`, {
        status: {
          allocatable: { cpu, memory, pods },
          capacity: { cpu, memory, pods },
          conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }],
        },
      });
      const settings = fileSettings(
        {
          namespace: instance,
          nodeSelector: { files: instance },
          tolerations: [{ operator: 'Exists' }],
        },
        ASKING,
      );
      const kubeconfig = kubeconfigFor(ours, instance, 'berth');
      process = await startFileProcess({ kubeconfig, settings, clock, lease: JUMP_LEASE });
    });
    afterAll(async () => {
      await process.close();
      await api.remove(`/api/v1/nodes/dead-${instance}`);
    });

    /**
     * @promise nothing is lost
     * @fault the node of a file server never returns
     * @outcome thirty seconds past their grace its pods are forced away, and with them the Job
     */
    it('are forced away half a minute after their grace, and with them the Job', async () => {
      const view = process.get(FileserverView);
      const seen = () => {
        const server = view.servers.find('rachel');
        return server && view.observe(server);
      };
      const opening = process.files.open(aUser()).catch((error: unknown) => error);
      await until(() => seen()?.pod?.node !== undefined, 'its place', 40_000);
      const removing = process.files.remove('rachel').catch((error: unknown) => error);
      await until(() => seen()?.pod?.deletingUntil !== undefined, 'its deletion', 40_000);
      const pods = `/api/v1/namespaces/${instance}/pods`;
      const left = async () => (await api.get<{ items: readonly Thing[] }>(pods)).body.items.length;
      expect(await left()).toBe(1);

      clock.jump(631_000);
      await Promise.all([opening, removing]);
      await expect.poll(left, { timeout: 40_000 }).toBe(0);

      await until(
        () => seen()?.server.record.phase !== 'pending' && seen()?.job === undefined,
        'its end',
        40_000,
      );
    });
  });
});

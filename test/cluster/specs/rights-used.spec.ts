import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lag, startFaultProxy, type FaultProxy } from '../../../simulator/faults/index.js';
import { startRegistry, type Registry } from '../../../simulator/registry/index.js';
import { BerthProcess } from '../../support/berth-process.js';
import { Hub } from '../../support/hub.js';
import { aPlatform } from '../../support/platform.js';
import { readAudit } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { hasHelm, installChart, renderChart } from '../support/chart.js';
import { installCrds } from '../support/crds.js';
import { aLab } from '../support/labs.js';
import { freshNamespace } from '../support/namespaces.js';
import { aPod } from '../support/pods.js';
import { PUBLICATIONS } from '../support/publications.js';
import { ACCOUNT, accountIn, rightsOf, rightsUsedBy } from '../support/rights.js';
import { describeReal } from '../support/shared-cluster.js';

const PREFIX = 'rightlabs';
const NAMESPACE = `${PREFIX}-rachel`;

interface Lab extends Thing {
  readonly status?: { readonly phase?: string };
}

describeReal('what the chart grants on a real API server', (cluster) => {
  describe.skipIf(!hasHelm())('is used, every verb of it', () => {
    const admin = new Api(cluster);
    let instance = '';
    let ours: Api;
    let folder = '';
    let registry: Registry;
    let proxy: FaultProxy;
    let berth: BerthProcess;
    let hub: Hub;

    beforeAll(async () => {
      await installCrds(admin);
      instance = await freshNamespace(admin, 'rights');
      const installed = await installChart(admin, cluster, instance, valuesFor(instance));
      await admin.make(`/api/v1/namespaces/${instance}/secrets`, {
        metadata: { name: 'pull-secret' },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': btoa('{"auths":{}}') },
      });
      // One for each claim that a pod makes: a volume that was used is not bound again.
      for (const number of [1, 2, 3, 4, 5])
        await admin.make('/api/v1/persistentvolumes', aVolume(`${instance}-${number}`));
      ours = new Api(installed, ACCOUNT);
      const { url: target, ca, users, identity } = installed;
      proxy = await startFaultProxy({ target, ca, token: users[ACCOUNT] ?? '' });
      for (const rule of FAULTS(instance)) proxy.add(rule);
      // Images that no other spec has brought to the nodes.
      registry = await startRegistry({ repository: `rights/${instance}` });
      folder = await mkdtemp(join(tmpdir(), 'berth-rights-'));
      const metadataPath = await asOwnPod();
      const files = aPlatform({ registry, identity, kubeconfig: () => proxy.kubeconfig(instance) });
      berth = await BerthProcess.prepare({
        ...files,
        config: `metadataPath: ${metadataPath}\n${files.config}`
          .replace('namespacePrefix: userlabs', `namespacePrefix: ${PREFIX}\n  pullSecret: pull-secret`)
          .replace('  volumes:\n', `  volumes:\n${CLAIM}`)
          .replace('  volumeMounts:\n', `  volumeMounts:\n${MOUNT}`)
          .concat(
            `fileserver: { enabled: true, namespace: ${instance}, volumeMounts: [${MOUNT.trim().slice(2)}] }\n`,
          ),
        extra: files.extra
          .replace('token: rachel-token,', 'token: rachel-token, quota: { cpu: 9, memory: 27Gi },')
          .concat('  fileservers: { publish: ingress, verifyUrl: http://berth.berth/nublado }\n'),
        environment: { ...files.environment, BERTH_INSTALL_CRDS: 'false' },
      });
      const { body: nodes } = await admin.get<{ items: readonly Thing[] }>('/api/v1/nodes');
      for (const [path, body] of GHOSTS(instance, nodes.items[0]?.metadata.name ?? ''))
        await ours.make(path, body);
      await berth.start();
      hub = new Hub(berth.url);
    });
    afterAll(async () => {
      await berth.dispose();
      await proxy.close();
      await registry.close();
      await rm(folder, { recursive: true });
      await Promise.all([admin.close(), ours.close()]);
    });

    /** As if Berth ran as the pod of a Deployment; answers the folder in which the downward API tells its name. */
    const asOwnPod = async (): Promise<string> => {
      const labels = { app: 'berth' };
      const template = { ...aPod('berth'), metadata: { labels } };
      await admin.make(`/apis/apps/v1/namespaces/${instance}/deployments`, {
        metadata: { name: 'berth' },
        spec: { replicas: 1, selector: { matchLabels: labels }, template },
      });
      const pods = `/api/v1/namespaces/${instance}/pods`;
      const { body } = await admin.eventually<{ items: readonly Thing[] }>(
        pods,
        ({ body: { items } }) => items.length > 0,
      );
      const path = join(folder, 'pod');
      await mkdir(path);
      await writeFile(join(path, 'name'), body.items[0]?.metadata.name ?? '');
      return path;
    };

    const lab = (): string => `/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/rachel`;
    const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic';
    const forbidPods = async (): Promise<void> => {
      const name = `no-pods-in-${NAMESPACE}`;
      await admin.make(`${POLICIES}ies`, {
        metadata: { name },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
            ],
          },
          validations: [
            {
              expression: `!(request.namespace in ['${NAMESPACE}', '${instance}'])`,
              message: 'closed today',
            },
          ],
        },
      });
      await admin.make(`${POLICIES}ybindings`, {
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      });
      await podsAre(422);
    };
    const allowPods = async (): Promise<void> => {
      await admin.remove(`${POLICIES}ybindings/no-pods-in-${NAMESPACE}`);
      await podsAre(201);
    };
    /** Until the API server's own watch of its policies has brought the news. */
    const podsAre = async (answer: number): Promise<void> => {
      // Asked in our own namespace, because the user's does not exist yet.
      const path = `/api/v1/namespaces/${instance}/pods?dryRun=All`;
      const ask = async () => (await admin.create(path, aPod('probe'))).status;
      while ((await ask()) !== answer) await pause(100);
    };
    const spawn = async (): Promise<void> => {
      expect(await hub.create('rachel'), berth.log).toBe(201);
      const stream = await hub.events('rachel');
      await stream.ended;
      expect(stream.events.at(-1)?.event, berth.log).toBe('complete');
    };
    const phaseIs = (phase: string): Promise<unknown> =>
      admin.eventually<Lab>(lab(), ({ body }) => body.status?.phase === phase);

    it('by a spawn that is refused its pod, and by one over its remains', async () => {
      await forbidPods();
      expect(await hub.create('rachel'), berth.log).toBe(201);
      const refused = await hub.events('rachel');
      await refused.ended;
      expect(refused.events.at(-1)?.event, berth.log).toBe('failed');
      await allowPods();

      await spawn();
    });

    it('by making a Service again that somebody deleted', async () => {
      const service = `/api/v1/namespaces/${NAMESPACE}/services/lab`;
      const { body } = await admin.get(service);
      await admin.remove(service);

      await admin.eventually(
        service,
        ({ status, body: seen }) => status === 200 && seen.metadata.uid !== body.metadata.uid,
      );
    });

    it("by the adoption of a lab of Nublado's", async () => {
      berth.kill();
      await berth.ended();
      await admin.patch(lab(), [{ op: 'remove', path: '/metadata/finalizers' }]);
      await admin.remove(lab());
      await admin.patch(`/api/v1/namespaces/${NAMESPACE}`, [{ op: 'remove', path: '/metadata/annotations' }]);

      await berth.start();

      await phaseIs('running');
      // Adopted is what carries our mark again, namespace and pod.
      await admin.eventually(`/api/v1/namespaces/${NAMESPACE}`, ({ body }) =>
        JSON.stringify(body.metadata).includes('berth.dev/instance'),
      );
    });

    it('by a stop, and by the end of a lab whose pod somebody deleted', async () => {
      expect(await hub.remove('rachel'), berth.log).toBe(204);
      await admin.eventually(`/api/v1/namespaces/${NAMESPACE}`, ({ status }) => status === 404);
      await spawn();

      await admin.remove(`/api/v1/namespaces/${NAMESPACE}/pods/rachel-nb`, { gracePeriodSeconds: 0 });

      await phaseIs('stopped');
    });

    const ask = (method: string, path: string, token: string, body?: object): Promise<Response> =>
      fetch(berth.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    it('by a file server that comes and goes', async () => {
      const opening = ask('GET', '/files', 'rachel-token');
      await PUBLICATIONS.ingress.takeUp(admin, { namespace: instance, name: 'rachel-fs' });
      expect((await opening).status, berth.log).toBe(200);

      const path = '/nublado/fileserver/v1/users/rachel';
      expect((await ask('DELETE', path, 'admin-token')).status, berth.log).toBe(204);

      expect((await ask('GET', path, 'admin-token')).status).toBe(404);
    });

    it('by the administrators’ pod', async () => {
      const path = '/nublado/fsadmin/v1/service';
      expect((await ask('POST', path, 'admin-token', { start: true })).status, berth.log).toBe(200);

      expect((await ask('DELETE', path, 'admin-token')).status, berth.log).toBe(204);
    });

    it('by the records that nobody needs any more, and by a spawn whose request is lost', async () => {
      const inOurs = (plural: string): string => `/apis/berth.dev/v1alpha1/namespaces/${instance}/${plural}`;
      await admin.eventually<Lab>(`${inOurs('labs')}/ghost`, ({ body }) => body.status?.phase === 'failed');
      // Half a year ago, by Berth's own hand.
      await ours.patch(`${inOurs('fileservers')}/rachel`, [
        { op: 'replace', path: '/spec/operation/acceptedAt', value: '2026-01-01T00:00:00Z' },
      ]);
      await admin.eventually(`${inOurs('fileservers')}/rachel`, ({ status }) => status === 404);

      const path = '/nublado/admin/v1/labs/rachel/history';
      expect((await ask('DELETE', path, 'admin-token')).status, berth.log).toBe(204);
    });

    /**
     * @promise nobody gets in
     * @fault the chart grants more than is needed
     * @outcome every verb of every resource that it grants is seen in the audit log, or the spec fails
     */
    it('and none is left over', async () => {
      // A watch is written down when it ends.
      await berth.terminate();
      const granted = rightsOf(await renderChart(instance, valuesFor(instance)));

      const unused = async (): Promise<readonly string[]> => {
        const requests = await readAudit(cluster.folder, 'berth/');
        const mine = requests.filter(({ user }) => user.username === accountIn(instance));
        const used = rightsUsedBy(mine, instance);
        return granted.filter((right) => !used.has(right) && !OTHERWISE.has(right));
      };

      await expect.poll(unused, { timeout: 20_000 }).toEqual([]);
    });
  });
});

/** What publishes file servers in another way than an Ingress, and the adoption of one: files.spec.ts. */
const OTHERWISE: ReadonlySet<string> = new Set([
  ...['gafaelfawringresses.gafaelfawr.lsst.io', 'httproutes.gateway.networking.k8s.io'].flatMap((kind) =>
    ['get', 'list', 'watch', 'create', 'delete'].map((verb) => `${verb} ${kind} in our namespace`),
  ),
  'patch jobs.batch in our namespace',
]);

/** What makes Berth look again: a write whose answer is lost, and a record that another wrote. */
const FAULTS = (instance: string): readonly Rule[] => [
  ...['configmaps', 'secrets'].map((resource) => lost(resource, NAMESPACE)),
  ...['services', 'ingresses', 'jobs'].flatMap((resource) => [
    lost(resource, instance),
    late(resource, instance),
  ]),
  {
    match: { verb: 'patch', resource: 'nodeimages', times: 1 },
    action: { do: 'answer', status: 409, reason: 'Conflict' },
  },
  // As where the cluster is late with its own.
  {
    match: { verb: 'get', resource: 'serviceaccounts', namespace: NAMESPACE, times: 1 },
    action: {
      do: 'answer',
      status: 404,
      reason: 'NotFound',
      about: { kind: 'serviceaccounts', name: 'default' },
    },
  },
];

const lost = (resource: string, namespace: string): Rule => ({
  match: { verb: 'create', resource, namespace, times: 1 },
  action: { do: 'reset', at: 'after' },
});

/** So that the second try comes before the news that the first has done it. */
const late = (resource: string, namespace: string): Rule => ({
  match: { verb: 'watch', resource, namespace },
  action: { do: 'lag', lag: new Lag(3_000) },
});

type Rule = Parameters<FaultProxy['add']>[0];

/** A lab whose request never came, and what was learnt on a node of that name that is gone. */
const GHOSTS = (instance: string, node: string): readonly (readonly [path: string, body: object])[] => {
  const path = `/apis/berth.dev/v1alpha1/namespaces/${instance}`;
  return [
    [`${path}/labs`, aLab('ghost')],
    [
      `${path}/nodeimages`,
      { apiVersion: 'berth.dev/v1alpha1', kind: 'NodeImages', metadata: { name: node } },
    ],
  ];
};

const valuesFor = (instance: string): Readonly<Record<string, string>> => ({
  namespacePrefix: PREFIX,
  'fileservers.enabled': 'true',
  'fileservers.namespace': instance,
  'fsadmin.enabled': 'true',
});

const CLAIM = `    - name: scratch
      source:
        { type: persistentVolumeClaim, accessModes: [ReadWriteMany], storageClassName: rightlabs, resources: { requests: { storage: 1Mi } } }
`;

const MOUNT = '    - { containerPath: /scratch, volumeName: scratch }\n';

const aVolume = (name: string): object => ({
  metadata: { name },
  spec: {
    capacity: { storage: '1Mi' },
    accessModes: ['ReadWriteMany'],
    storageClassName: 'rightlabs',
    hostPath: { path: '/tmp' },
  },
});

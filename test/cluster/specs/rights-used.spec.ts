import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BerthProcess } from '../../support/berth-process.js';
import { Hub } from '../../support/hub.js';
import { aPlatform } from '../../support/platform.js';
import { readAudit } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { ACCOUNT, hasHelm, installChart, renderChart } from '../support/chart.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { aPod } from '../support/pods.js';
import { PUBLICATIONS } from '../support/publications.js';
import { rightsOf, rightsUsedBy } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

const PREFIX = 'rightlabs';
const NAMESPACE = `${PREFIX}-rachel`;

interface Lab extends Thing {
  readonly status?: { readonly phase?: string };
}

describeReal('what the chart grants on a real API server', (cluster) => {
  describe.skipIf(!hasHelm())('is used, every verb of it', () => {
    const admin = new Api(cluster);
    let instance = '';
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
      const { registry, identity } = cluster;
      const files = aPlatform({
        registry,
        identity,
        kubeconfig: () => kubeconfigFor(installed, instance, ACCOUNT),
      });
      berth = await BerthProcess.prepare({
        ...files,
        config: files.config
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
      await berth.start();
      hub = new Hub(berth.url);
    });
    afterAll(async () => {
      await berth.dispose();
      await admin.close();
    });

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

    it('and none is left over but those that are known to be rarer', async () => {
      // A watch is written down when it ends.
      await berth.terminate();
      const granted = rightsOf(await renderChart(instance, valuesFor(instance)));
      const account = `system:serviceaccount:${instance}:berth`;

      const unused = async (): Promise<readonly string[]> => {
        const requests = await readAudit(cluster.folder, 'berth/');
        const used = rightsUsedBy(
          requests.filter(({ user }) => user.username === account),
          instance,
        );
        return granted.filter(
          (right) => !used.has(right) && RARER[right] === undefined && OTHERWISE[right] === undefined,
        );
      };

      await expect.poll(unused, { timeout: 20_000 }).toEqual([]);
    });
  });
});

/** Rights of moments that this spec does not bring about, and where one is seen. */
const RARER: Readonly<Record<string, string>> = {
  'delete labs.berth.dev in our namespace': 'an old record goes: src/labs/labs.runtime.spec.ts',
  'deletecollection configmaps in all namespaces':
    'a start over a failed lab: test/faults/full/crash.spec.ts',
  'deletecollection secrets in all namespaces': 'a start over a failed lab: test/faults/full/crash.spec.ts',
  'delete fileservers.berth.dev in our namespace':
    'an old record goes: src/fileservers/fileserver.policy.spec.ts',
  'delete nodeimages.berth.dev in our namespace': 'a node goes: src/prepuller',
  'get nodeimages.berth.dev in our namespace': 'two leaders write at once: src/prepuller',
  'get secrets in our namespace': 'the request of a spawn seems missing: src/labs/labs.rare.spec.ts',
  'get replicasets.apps in our namespace': 'Berth runs as a pod of a Deployment: src/prepuller',
};

/** What file servers need in a moment of conflict, and where they are published in another way. */
const OTHERWISE = Object.fromEntries(
  [
    'get services',
    'get ingresses.networking.k8s.io',
    'get jobs.batch',
    'patch jobs.batch',
    ...['gafaelfawringresses.gafaelfawr.lsst.io', 'httproutes.gateway.networking.k8s.io'].flatMap((kind) =>
      ['get', 'list', 'watch', 'create', 'delete'].map((verb) => `${verb} ${kind}`),
    ),
  ].map((right) => [`${right} in our namespace`, 'test/cluster/specs/files.spec.ts, src/fileservers']),
);

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

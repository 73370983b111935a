import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BerthProcess } from '../../support/berth-process.js';
import { expectGolden } from '../../support/golden.js';
import { Hub } from '../../support/hub.js';
import { aPlatform } from '../../support/platform.js';
import { Api, type JsonPatch, type Refusal } from '../support/api.js';
import { hasHelm, installChart, renderChart } from '../support/chart.js';
import { installCrds } from '../support/crds.js';
import { aLab } from '../support/labs.js';
import { freshNamespace } from '../support/namespaces.js';
import { ACCOUNT, grantedRights, rightsOf } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

const PREFIX = 'chartlabs';
const ANNOTATION = 'berth.dev/instance';

describeReal('the chart, rendered by helm, on a real API server', (cluster) => {
  describe.skipIf(!hasHelm())('with its roles and policies', () => {
    const admin = new Api(cluster);
    let instance = '';
    let ours: Api;
    let stranger: Api;
    let berth: BerthProcess;

    beforeAll(async () => {
      await installCrds(admin);
      instance = await freshNamespace(admin, 'chart');
      const installed = await installChart(admin, cluster, instance, { namespacePrefix: PREFIX });
      ours = new Api(installed, ACCOUNT);
      stranger = new Api(installed, 'almighty');
      await allowEverything('almighty');
      const { registry, identity } = cluster;
      const kubeconfig = (): object => kubeconfigFor(installed, instance, ACCOUNT);
      const files = aPlatform({ registry, identity, kubeconfig });
      berth = await BerthProcess.prepare({
        ...files,
        config: files.config.replace('namespacePrefix: userlabs', `namespacePrefix: ${PREFIX}`),
        extra: files.extra.replace('berth:', 'berth:\n  admissionPolicies: required'),
        environment: { ...files.environment, BERTH_INSTALL_CRDS: 'false' },
      });
      await policiesInForce();
    });
    afterAll(async () => {
      await berth.dispose();
      await Promise.all([admin, ours, stranger].map((each) => each.close()));
    });

    /** A stranger with every right that roles can give: what holds them back is the policies alone. */
    const allowEverything = (user: string) =>
      admin.make('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        metadata: { generateName: 'everything-' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
      });
    /** The API server reads its policies by a watch of its own. */
    const policiesInForce = async (): Promise<void> => {
      const elsewhere = '/api/v1/namespaces/kube-system/configmaps?dryRun=All';
      const isRefused = async (api: Api, path: string, body: object) =>
        (await api.create(path, body)).status === 403;
      while (!(await isRefused(ours, elsewhere, { metadata: { name: 'x' } }))) await pause(100);
      while (!(await isRefused(stranger, `${labs()}?dryRun=All`, aLab('early')))) await pause(100);
    };
    const labs = (): string => `/apis/berth.dev/v1alpha1/namespaces/${instance}/labs`;
    const aNamespace = (name: string, mark?: string, labels: object = {}) => ({
      metadata: { name, labels, ...(mark === undefined ? {} : { annotations: { [ANNOTATION]: mark } }) },
    });
    const mark = (value: string): JsonPatch => [
      { op: 'add', path: '/metadata/annotations', value: { [ANNOTATION]: value } },
    ];
    const allowed = (status: number): boolean => status < 300;

    it('grants what the manifest says, and nothing else', async () => {
      const rendered = await renderChart('nublado', {
        namespacePrefix: PREFIX,
        'fileservers.enabled': 'true',
        'fileservers.namespace': 'nublado-fileservers',
        'fsadmin.enabled': 'true',
      });

      expect(rightsOf(rendered)).toEqual(await grantedRights());
    });

    it('lets nobody but the ingress reach file servers that ask nobody', async () => {
      const values = {
        'fileservers.enabled': 'true',
        'fileservers.namespace': 'files',
        namespacePrefix: PREFIX,
      };
      const policies = async (more: Readonly<Record<string, string>>) =>
        (await renderChart('nublado', { ...values, ...more })).filter(({ kind }) => kind === 'NetworkPolicy');

      const [policy, ...others] = await policies({});

      expect(others).toEqual([]);
      // What it lets through is judged in test/network, where there is no helm.
      expectGolden('chart/fileservers', policy);
      const path = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies?dryRun=All';
      expect((await admin.create(path, { ...policy, metadata: { name: 'files' } })).status).toBe(201);
      expect(await policies({ 'fileservers.publish': 'ingress' })).toEqual([]);
    });

    /**
     * @promise nobody gets in
     * @fault whoever has Berth’s service account asks for Secrets of all namespaces, or for the logs of pods
     * @outcome no role of the chart grants either
     */
    it('gives nobody a look at Secrets of all namespaces, or at the logs of pods', async () => {
      const rights = await grantedRights();

      expect(rights.filter((right) => right.includes('pods/log'))).toEqual([]);
      expect(rights.filter((right) => /^(get|list|watch) secrets in all/.test(right))).toEqual([]);
    });

    it('refuses to render policies that would not know the namespaces of users', async () => {
      await expect(renderChart('nublado')).rejects.toThrow('namespacePrefix is not set');
    });

    /**
     * @promise nobody gets in
     * @fault the chart’s values are such that no policy, or an open one, would stand before file servers that ask nobody
     * @outcome it does not render, and says what is wrong
     */
    it('refuses to leave file servers open by a value that is empty or misspelt', async () => {
      const files = {
        namespacePrefix: PREFIX,
        'fileservers.enabled': 'true',
        'fileservers.namespace': 'files',
      };

      // An empty list of sources is the API's word for all of them.
      await expect(renderChart('nublado', { ...files, 'fileservers.reachableFrom': 'null' })).rejects.toThrow(
        'fileservers.reachableFrom is empty',
      );
      await expect(renderChart('nublado', { ...files, 'fileservers.publish': 'gafelfawr' })).rejects.toThrow(
        'expected gafaelfawr, ingress or httproute',
      );
    });

    /**
     * @promise nobody gets in
     * @fault the policies of the chart are demanded (`required`)
     * @outcome a dry run that they must refuse proves them at start, and a lab is spawned and stopped under them
     */
    it('lets a Berth start that insists on the policies, and spawn and stop a lab under them', async () => {
      await berth.start();
      const hub = new Hub(berth.url);

      expect(await hub.create('rachel'), berth.log).toBe(201);
      const stream = await hub.events('rachel');
      await stream.ended;
      expect(stream.events.at(-1)?.event, berth.log).toBe('complete');
      expect(await hub.remove('rachel'), berth.log).toBe(204);
      await admin.eventually(`/api/v1/namespaces/${PREFIX}-rachel`, ({ status }) => status === 404);
      expect(berth.log).not.toContain('ValidatingAdmissionPolicy');
    });

    /**
     * @promise nobody gets in
     * @fault somebody whom every role allows it writes a Lab
     * @outcome a policy refuses it: only Berth writes Labs
     */
    it('refuses a stranger who writes a Lab, though every role allows it', async () => {
      const { status, body } = await stranger.create<Refusal>(labs(), aLab('mallory'));

      expect(status).toBe(403);
      expect(body.message).toContain('only Berth writes Labs');
    });

    it('lets a stranger stop a Lab and delete it, and change nothing else', async () => {
      await ours.make(labs(), aLab('dario'));
      const path = `${labs()}/dario`;
      const patch = async (body: JsonPatch) => (await stranger.patch(`${path}?dryRun=All`, body)).status;

      expect(await patch([{ op: 'replace', path: '/spec/user/uid', value: 1102 }])).toBe(403);
      expect(await patch([{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }])).toBe(403);
      expect(
        (
          await stranger.patch(`${path}/status?dryRun=All`, [
            { op: 'add', path: '/status', value: { phase: 'running' } },
          ])
        ).status,
      ).toBe(403);
      expect(await patch([{ op: 'replace', path: '/spec/desiredState', value: 'stopped' }])).toBe(200);
      expect(allowed((await stranger.remove(path)).status)).toBe(true);
    });

    it.each([
      ['creates a namespace without its prefix', () => aNamespace('elsewhere-x', instance)],
      ['creates a namespace without its mark', () => aNamespace(`${PREFIX}-unmarked`)],
      ['creates a namespace with the mark of another', () => aNamespace(`${PREFIX}-other`, 'another')],
    ])('refuses a Berth that %s', async (_, body) => {
      const { status } = await ours.create('/api/v1/namespaces?dryRun=All', body());

      expect(status).toBe(403);
    });

    /**
     * @promise nobody gets in
     * @fault Berth’s own account writes where it has no business, whatever the namespace is called
     * @outcome a policy refuses it
     */
    it('keeps Berth out of namespaces that are not its own, whatever their name', async () => {
      for (const body of [aNamespace(`${PREFIX}-foreign`, 'another'), aNamespace('science')]) {
        await admin.make('/api/v1/namespaces', body);
        const path = `/api/v1/namespaces/${body.metadata.name}`;

        expect((await ours.create(`${path}/configmaps`, { metadata: { name: 'x' } })).status).toBe(403);
        expect((await ours.remove(path)).status).toBe(403);
        expect((await ours.patch(path, mark(instance))).status).toBe(403);
      }
    });

    it('lets Berth set its mark on a namespace of Nublado that carries no other, and write there then', async () => {
      const labels = { 'nublado.lsst.io/category': 'lab' };
      await admin.make('/api/v1/namespaces', aNamespace(`${PREFIX}-adopted`, undefined, labels));
      const path = `/api/v1/namespaces/${PREFIX}-adopted`;

      expect((await ours.create(`${path}/configmaps`, { metadata: { name: 'x' } })).status).toBe(403);
      expect((await ours.patch(path, mark(instance))).status).toBe(200);
      // The namespace's new mark comes to the policies by a watch.
      await expect
        .poll(async () => (await ours.create(`${path}/configmaps`, { metadata: { name: 'x' } })).status)
        .toBe(201);
    });
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, type Answer, type Refusal } from '../support/api.js';
import { hasHelm, installChart } from '../support/chart.js';
import { installCrds } from '../support/crds.js';
import { aLab } from '../support/labs.js';
import { freshNamespace } from '../support/namespaces.js';
import { aPod } from '../support/pods.js';
import { ACCOUNT, asAccount } from '../support/rights.js';
import { describeReal } from '../support/shared-cluster.js';

const PREFIX = 'trespass';
const MARK = 'berth.dev/instance';
const CATEGORY = 'nublado.lsst.io/category';
const DRY = '?dryRun=All';
/** The one whose token would be worth stealing. */
const INTRUDER = 'intruder';

interface Attempt {
  readonly by: 'create' | 'merge' | 'replace' | 'remove' | 'get';
  readonly path: string;
  readonly body?: object;
}

const create = (path: string, body: object): Attempt => ({ by: 'create', path: path + DRY, body });
const merge = (path: string, body: object): Attempt => ({ by: 'merge', path: path + DRY, body });
const remove = (path: string): Attempt => ({ by: 'remove', path: path + DRY });
/** An upgrade that only a browser or kubectl could finish; it is judged before. */
const connect = (path: string): Attempt => ({ by: 'get', path });

const attempted = (api: Api, { by, path, body = {} }: Attempt): Promise<Answer<Refusal>> =>
  by === 'get' ? api.get<Refusal>(path) : api[by]<Refusal>(path, body);

const core = (namespace: string, rest: string): string => `/api/v1/namespaces/${namespace}/${rest}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const aMap = { metadata: { name: 'x' } };
const aBinding = (account: string, namespace: string): object => ({
  metadata: { name: 'more' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
});
const aToken = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
const aContainer = { spec: { ephemeralContainers: [{ name: 'spy', image: 'registry.example.org/spy:1' }] } };

describeReal('whoever goes where they must not, on a real API server', (cluster) => {
  describe.skipIf(!hasHelm())('under the roles and policies of the chart', () => {
    const admin = new Api(cluster);
    const closing = [admin];
    /** An instance with Berth's own rights, and another whose account somebody made almighty. */
    let instance = '';
    let other = '';
    let berth: Api;
    let intruder: Api;
    let user: Api;
    let almighty: Api;
    const home = `${PREFIX}-rachel`;

    const as = (made: Api): Api => {
      closing.push(made);
      return made;
    };

    beforeAll(async () => {
      await installCrds(admin);
      instance = await freshNamespace(admin, 'trespass');
      other = await freshNamespace(admin, 'intruder');
      const values = { namespacePrefix: PREFIX };
      berth = as(new Api(await installChart(admin, cluster, instance, values), ACCOUNT));
      const foreign = await installChart(admin, cluster, other, {
        ...values,
        'serviceAccount.name': INTRUDER,
      });
      intruder = as(new Api(foreign, INTRUDER));
      almighty = as(new Api(cluster, 'almighty'));
      for (const subject of [
        { kind: 'ServiceAccount', name: INTRUDER, namespace: other },
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'almighty' },
      ])
        await admin.make(`${RBAC}/clusterrolebindings`, {
          metadata: { generateName: 'almighty-' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [subject],
        });
      await inForce();
      await berth.make('/api/v1/namespaces', {
        metadata: { name: home, annotations: { [MARK]: instance }, labels: { [CATEGORY]: 'lab' } },
      });
      await admin.make('/api/v1/namespaces', { metadata: { name: `${PREFIX}-plain` } });
      await admin.eventually(core(home, 'serviceaccounts/default'), ({ status }) => status === 200);
      await admin.make(core(home, 'pods'), aPod('lab'));
      const token = await asAccount(admin, cluster, home, 'default');
      user = as(new Api(token, 'default'));
    });
    afterAll(async () => {
      await Promise.all(closing.map((each) => each.close()));
    });

    /** The API server reads its policies by a watch of its own. */
    const inForce = async (): Promise<void> => {
      const elsewhere = create(core('kube-system', 'configmaps'), aMap);
      for (const api of [berth, intruder])
        while ((await attempted(api, elsewhere)).status !== 403) await pause(100);
      for (const namespace of [instance, other])
        while ((await attempted(almighty, create(labsOf(namespace), aLab('early')))).status !== 403)
          await pause(100);
    };
    const labsOf = (namespace: string): string => `/apis/berth.dev/v1alpha1/namespaces/${namespace}/labs`;

    /**
     * @promise nobody gets in
     * @fault the service account of a lab reaches for labs, tokens, namespaces, more rights or the network
     * @outcome 403 each time
     */
    it.each<[string, () => Attempt]>([
      ['a lab', () => create(labsOf(instance), aLab('mallory'))],
      ['the stop of a lab', () => merge(`${labsOf(instance)}/rachel`, { spec: { desiredState: 'stopped' } })],
      ['the labs of others', () => connect(labsOf(instance))],
      ['the requests of spawns', () => connect(core(instance, 'secrets'))],
      ['the Secrets of its own lab', () => connect(core(home, 'secrets'))],
      ['the pods of its own lab', () => connect(core(home, 'pods'))],
      ['a pod beside its lab', () => create(core(home, 'pods'), aPod('spy'))],
      ['a pod beside Berth', () => create(core(instance, 'pods'), aPod('spy'))],
      ['a shell in its own pod', () => connect(core(home, 'pods/lab/exec?command=sh'))],
      ['the token of Berth', () => create(core(instance, 'serviceaccounts/berth/token'), aToken)],
      ['a namespace', () => create('/api/v1/namespaces', { metadata: { name: `${PREFIX}-mallory` } })],
      ['its own namespace', () => merge(`/api/v1/namespaces/${home}`, { metadata: { labels: { a: 'b' } } })],
      ['more rights', () => create(`${RBAC}/namespaces/${home}/rolebindings`, aBinding('default', home))],
      [
        'the network of its lab',
        () => connect(`/apis/networking.k8s.io/v1/namespaces/${home}/networkpolicies`),
      ],
    ])('refuses a lab’s own account %s', async (_what, attempt) => {
      const { status, body } = await attempted(user, attempt());

      expect(status, body.message).toBe(403);
    });

    /**
     * @promise nobody gets in
     * @fault Berth’s own account asks for a shell in a lab, for more rights, or for what no reconciler needs
     * @outcome 403 each time
     */
    it.each<[string, () => Attempt]>([
      ['a shell in a lab', () => connect(core(home, 'pods/lab/exec?command=sh'))],
      ['the terminal of a lab', () => connect(core(home, 'pods/lab/attach'))],
      ['a way into a lab', () => connect(core(home, 'pods/lab/portforward'))],
      ['the words of a lab', () => connect(core(home, 'pods/lab/log'))],
      ['a container in a lab', () => merge(core(home, 'pods/lab/ephemeralcontainers'), aContainer)],
      [
        'another image for a lab',
        () => merge(core(home, 'pods/lab'), { spec: { activeDeadlineSeconds: 9 } }),
      ],
      [
        'the status of a lab’s pod',
        () => merge(core(home, 'pods/lab/status'), { status: { phase: 'Failed' } }),
      ],
      ['a place for a pod', () => create(core(home, 'pods/lab/binding'), { target: { name: 'node-1' } })],
      ['the Secrets of a lab', () => connect(core(home, 'secrets'))],
      ['a Secret of the cluster', () => connect(core('kube-system', 'secrets'))],
      ['the token of another', () => create(core(home, 'serviceaccounts/default/token'), aToken)],
      ['more rights', () => create(`${RBAC}/clusterrolebindings`, aBinding('berth', instance))],
      ['all pods of a namespace', () => remove(core('kube-system', 'pods'))],
      ['a node', () => merge('/api/v1/nodes/node-1', { metadata: { labels: { a: 'b' } } })],
      ['the policies', () => remove(`/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies`)],
      [
        'its own resources’ schema',
        () => remove(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/labs.berth.dev`),
      ],
    ])('gives Berth itself no right to %s', async (_what, attempt) => {
      const { status, body } = await attempted(berth, attempt());

      expect(status, body.message).toBe(403);
      expect(body.message).toMatch(/cannot|attempting to grant/);
    });

    it.each<[string, () => Attempt]>([
      ['a pod in kube-system', () => create(core('kube-system', 'pods'), aPod('spy'))],
      ['a Secret in default', () => create(core('default', 'secrets'), aMap)],
      ['an Event in default', () => create(core('default', 'events'), { ...aMap, involvedObject: {} })],
      ['a token in kube-system', () => create(core('kube-system', 'serviceaccounts/default/token'), aToken)],
      ['all ConfigMaps of kube-system', () => remove(core('kube-system', 'configmaps'))],
      ['a lab of another instance', () => create(labsOf(instance), aLab('mallory'))],
      ['a pod of another’s user', () => create(core(home, 'pods'), aPod('spy'))],
      ['a shell with another’s user', () => connect(core(home, 'pods/lab/exec?command=sh'))],
      ['a way to another’s user', () => connect(core(home, 'pods/lab/proxy/'))],
      [
        'a container with another’s user',
        () => merge(core(home, 'pods/lab/ephemeralcontainers'), aContainer),
      ],
      [
        'the end of another’s pod',
        () => create(core(home, 'pods/lab/eviction'), { metadata: { name: 'lab' } }),
      ],
      ['the end of another’s pods', () => remove(core(home, 'pods'))],
      ['another’s namespace', () => merge(`/api/v1/namespaces/${home}`, marked(other))],
      ['another’s namespace, unmarked', () => merge(`/api/v1/namespaces/${home}`, marked(null))],
      ['the end of another’s namespace', () => remove(`/api/v1/namespaces/${home}`)],
      ['another’s namespace by its status', () => merge(`/api/v1/namespaces/${home}/status`, marked(other))],
      ['kube-system', () => merge('/api/v1/namespaces/kube-system', marked(other))],
      [
        'the look of a lab of Nublado’s',
        () => merge(plain(), { metadata: { labels: { [CATEGORY]: 'lab' } } }),
      ],
      ['the mark together with that look', () => merge(plain(), stolen(other))],
      ['the end of a namespace without mark', () => remove(plain())],
      ['its own namespace as a user’s', () => merge(`/api/v1/namespaces/${other}`, marked(other))],
      ['a node', () => merge('/api/v1/nodes/node-1', { metadata: { labels: { a: 'b' } } })],
      ['the API of a kubelet', () => connect('/api/v1/nodes/node-1/proxy/')],
      ['more rights', () => create(`${RBAC}/clusterrolebindings`, aBinding(INTRUDER, other))],
      [
        'a webhook',
        () => create('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', aMap),
      ],
    ])('the policies keep an almighty Berth from %s', async (_what, attempt) => {
      const { status, body } = await attempted(intruder, attempt());

      expect(status, body.message).toBe(403);
      expect(body.message).toMatch(/writes only in its own namespaces|only Berth writes Labs/);
    });
    const plain = (): string => `/api/v1/namespaces/${PREFIX}-plain`;
    const marked = (by: string | null): object => ({ metadata: { annotations: { [MARK]: by } } });
    const stolen = (by: string): object => ({
      metadata: { annotations: { [MARK]: by }, labels: { [CATEGORY]: 'lab' } },
    });

    /**
     * @promise nobody gets in
     * @fault a person with every role writes to a Lab, by PUT, merge or its status
     * @outcome they may stop it, and nothing else
     */
    it('lets nobody write to a lab but stop it, whichever way they ask', async () => {
      await berth.make(labsOf(instance), {
        ...aLab('dario'),
        metadata: { name: 'dario', finalizers: [FINALIZER] },
      });
      const lab = `${labsOf(instance)}/dario`;
      const { body: seen } = await admin.get<{ spec: object }>(lab);
      const put = (more: object): Attempt => ({ by: 'replace', path: lab + DRY, body: { ...seen, ...more } });
      const refused: readonly Attempt[] = [
        put({ spec: { ...seen.spec, size: 'large', desiredState: 'stopped' } }),
        merge(lab, { metadata: { finalizers: null } }),
        merge(lab, {
          metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'x', uid: 'x' }] },
        }),
        merge(lab, { metadata: { annotations: { a: 'b' } }, spec: { desiredState: 'stopped' } }),
        merge(lab, { spec: { desiredState: 'gone' } }),
        merge(`${lab}/status`, { spec: { desiredState: 'stopped' }, status: { phase: 'stopped' } }),
      ];
      const allowed = [put({ spec: { ...seen.spec, desiredState: 'stopped' } }), put({})];

      for (const each of refused) {
        const { status } = await attempted(almighty, each);
        expect([status, each]).toEqual([expect.toSatisfy((code: number) => [403, 422].includes(code)), each]);
      }
      for (const each of allowed) expect((await attempted(almighty, each)).status).toBe(200);
    });

    it.each(['Background', 'Foreground', 'Orphan'])(
      'lets a person delete a lab with the propagation policy %s, and hinders no controller that finishes it',
      async (propagationPolicy) => {
        const name = `gone-${propagationPolicy.toLowerCase()}`;
        await berth.make(labsOf(instance), { ...aLab(name), metadata: { name, finalizers: [FINALIZER] } });
        const lab = `${labsOf(instance)}/${name}`;

        expect((await almighty.remove(lab, { propagationPolicy })).status).toBe(200);
        const { body } = await berth.get<{ metadata: { finalizers: readonly string[] } }>(lab);
        const index = body.metadata.finalizers.indexOf(FINALIZER);
        expect(
          (await berth.patch(lab, [{ op: 'remove', path: `/metadata/finalizers/${String(index)}` }])).status,
        ).toBe(200);

        await admin.eventually(lab, ({ status }) => status === 404);
      },
    );
  });
});

const FINALIZER = 'berth.dev/lab';

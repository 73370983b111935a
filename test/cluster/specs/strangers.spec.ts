import { afterAll, beforeAll, expect, it } from 'vitest';
import { shapeOf, type Stored } from '../../support/cluster-shapes.js';
import { aCreate, someRuntimeSettings, startRuntime, storyOf } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

const LIMIT_MS = 180_000;

interface Lab extends Thing {
  readonly status?: {
    readonly phase: string;
    readonly failure?: { readonly reason: string };
    readonly past?: readonly { readonly end: string }[];
    readonly ledger?: readonly { readonly message: string }[];
  };
}

/** All at the same time: a real namespace takes its time to go, and each lab has one of its own. */
describeReal('somebody else’s hand, on a real control plane', (cluster) => {
  const api = new Api(cluster);
  let instance = '';
  let berth: Runtime;

  beforeAll(async () => {
    await installCrds(api);
    instance = await freshNamespace(api, 'hands');
    const ours = await grantRights(api, cluster, instance);
    const settings = someRuntimeSettings({ lab: { namespacePrefix: instance } });
    berth = await startRuntime({ kubeconfig: kubeconfigFor(ours, instance, 'berth'), settings });
    await berth.readiness.whenReady();
    await until(() => berth.leadership.leading, 'the lease', LIMIT_MS);
  }, LIMIT_MS);
  afterAll(async () => {
    await berth.close();
    await api.close();
  });

  const record = (user: string): string => `/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/${user}`;
  const namespace = (user: string): string => `/api/v1/namespaces/${instance}-${user}`;
  const pod = (user: string): string => `${namespace(user)}/pods/${user}-nb`;
  const labOf = async (user: string): Promise<Lab> => (await api.get<Lab>(record(user))).body;
  async function spawn(user: string): Promise<string | undefined> {
    await berth.labs.create(aCreate(user));
    return (await storyOf(berth.labs, user)).at(-1)?.entry.event;
  }

  /**
   * @promise nothing is lost
   * @fault on a real control plane, somebody deletes the Service or the NetworkPolicy of a lab
   * @outcome it is made again, as it was; the lab runs on
   */
  it.concurrent.each([
    ['Service', (user: string) => `${namespace(user)}/services/lab`],
    [
      'NetworkPolicy',
      (user: string) =>
        `/apis/networking.k8s.io/v1/namespaces/${instance}-${user}/networkpolicies/${user}-nb`,
    ],
  ])(
    'makes the %s again that leads to a lab, as it was',
    async (kind, pathOf) => {
      const user = `leads${kind.toLowerCase()}`;
      expect(await spawn(user)).toBe('complete');
      const { body: before } = await api.get<Stored & Thing>(pathOf(user));

      await api.remove(pathOf(user));

      const { body: after } = await api.eventually<Stored & Thing>(
        pathOf(user),
        ({ status, body }) => status === 200 && body.metadata.uid !== before.metadata.uid,
      );
      expect(shapeOf(after)).toEqual(shapeOf(before));
      expect((await labOf(user)).status?.phase).toBe('running');
      expect((await api.get(pod(user))).status).toBe(200);
    },
    LIMIT_MS,
  );

  /**
   * @promise nothing is hidden
   * @fault on a real control plane, somebody deletes the pod or the namespace of a running lab
   * @outcome the lab ends; its record keeps `pod_gone` or `namespace_gone`; nothing else stays
   */
  it.concurrent.each([
    ['pod', pod],
    ['namespace', namespace],
  ])(
    'ends a running lab with a cause when its %s is deleted',
    async (what, pathOf) => {
      const user = `runs${what}`;
      expect(await spawn(user)).toBe('complete');

      await api.remove(pathOf(user));

      const { body } = await api.eventually<Lab>(
        record(user),
        ({ body: lab }) => lab.metadata.labels?.['berth.dev/state'] === 'stopped',
      );
      expect(['pod_gone', 'namespace_gone']).toContain(body.status?.past?.at(-1)?.end);
      await api.eventually(namespace(user), ({ status }) => status === 404);
      expect(await spawn(user), 'the next start').toBe('complete');
    },
    LIMIT_MS,
  );

  /**
   * @promise nobody gets in
   * @fault on a real control plane, a namespace of the lab’s name exists that bears neither our mark nor Nublado’s labels
   * @outcome the spawn is refused as `namespace_taken`; the namespace is untouched
   */
  it.concurrent.each<[string, string, object]>([
    ['without any mark', 'plain', {}],
    ['marked by another instance', 'other', { annotations: { 'berth.dev/instance': 'other' } }],
    [
      'with Nublado’s labels of another user',
      'else',
      { labels: { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': 'someone' } },
    ],
  ])(
    'refuses a namespace %s, says so, and leaves it alone',
    async (_what, user, marks) => {
      await api.make('/api/v1/namespaces', { metadata: { name: `${instance}-${user}`, ...marks } });
      const { body: before } = await api.get(namespace(user));

      expect(await spawn(user)).toBe('failed');

      const { failure, ledger } = (await labOf(user)).status ?? {};
      expect(failure?.reason).toBe('namespace_taken');
      expect(ledger?.some(({ message }) => message.includes(`${instance}-${user} exists`))).toBe(true);
      await berth.labs.remove(user);
      expect((await api.get(namespace(user))).body).toEqual(before);
    },
    LIMIT_MS,
  );
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../simulator/faults/index.js';
import { LabsQueue, UnknownUser } from '../../../src/labs/index.js';
import type { SeenRequest } from '../../support/call-faults.js';
import { CALL_FAULTS } from '../../support/call-faults.js';
import { aCreate, someRuntimeSettings, startRuntime, storyOf } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { PATIENT_LEASE } from '../../support/room-scenario.js';
import { until } from '../../support/until.js';
import { pooled } from '../../support/work.js';
import { startRealCluster } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeReal } from '../support/shared-cluster.js';

type RealCluster = Awaited<ReturnType<typeof startRealCluster>>;

interface Lab extends Thing {
  readonly status?: { readonly phase: string; readonly failure?: { readonly reason: string } };
}

const KEPT = ['rachel', 'dario', 'wanda'];
/** Its record is there when the backup is made, its namespace is not. */
const HALF = 'half';
const SINCE = 'since';
const PATIENCE_MS = 180_000;
/** As many writes as an hour brings at least. */
const WRITES = 2_000;
const SCRIPT = { sizeBytes: 1_000_000, startMs: 20, stopMs: 20 };

function onlyIfUnknown(error: unknown): false {
  if (error instanceof UnknownUser) return false;
  throw error;
}

/** A cluster of its own: nobody else can live through this. */
describeReal('a real control plane that forgets', (shared) => {
  let cluster: RealCluster;
  let api: Api;
  let proxy: FaultProxy;
  let instance = '';

  beforeAll(async () => {
    cluster = await startRealCluster({ kubelets: { nodes: 2, scripts: { '*': SCRIPT } } });
    const known = { ...shared, ...cluster };
    api = new Api(known);
    await installCrds(api);
    instance = await freshNamespace(api, 'restored');
    const { url: target, ca, users } = await grantRights(api, known, instance);
    proxy = await startFaultProxy({ target, ca, token: users.berth ?? '' });
  });
  afterAll(async () => {
    await proxy.close();
    await api.close();
    await cluster.stop();
  });

  async function start(): Promise<Runtime> {
    const settings = someRuntimeSettings({ lab: { namespacePrefix: instance } });
    const kubeconfig = proxy.kubeconfig(instance);
    const berth = await startRuntime({ kubeconfig, settings, identity: 'one', lease: PATIENT_LEASE });
    await berth.readiness.whenReady();
    await until(() => berth.leadership.leading, 'its turn', PATIENCE_MS);
    return berth;
  }

  async function spawn({ labs }: Runtime, user: string): Promise<void> {
    await labs.create(aCreate(user));
    expect((await storyOf(labs, user)).at(-1)?.entry.event, user).toBe('complete');
  }

  /** `complete`, or the reason of the failure. */
  async function endOf({ labs }: Runtime, user: string): Promise<string | undefined> {
    const { event } = (await storyOf(labs, user)).at(-1)?.entry ?? {};
    return event === 'complete' ? event : (await labOf(user)).status?.failure?.reason;
  }

  const isKnown = ({ labs }: Runtime, user: string): Promise<boolean> =>
    labs.status(user, {}).then(() => true, onlyIfUnknown);

  const labOf = async (user: string): Promise<Lab> =>
    (await api.get<Lab>(`/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/${user}`)).body;
  const list = async (path: string): Promise<readonly Thing[]> =>
    (await api.get<{ items: readonly Thing[] }>(path)).body.items;

  /** Namespaces and pods of these users, by UID: what a person would lose. */
  async function alive(users: readonly string[]): Promise<readonly string[]> {
    const all = [...(await list('/api/v1/namespaces')), ...(await list('/api/v1/pods'))];
    return all
      .filter(({ metadata }) =>
        users.some((user) => (metadata.namespace ?? metadata.name) === `${instance}-${user}`),
      )
      .map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.deletionTimestamp ?? ''}`);
  }

  /** Everybody else's work, so that versions of before lie far ahead of those after. */
  async function anHourPasses(): Promise<void> {
    const { metadata } = await api.make('/api/v1/namespaces/default/configmaps', {
      metadata: { name: 'hour' },
    });
    const writes = Array.from({ length: WRITES }, (_, nth) => String(nth));
    await pooled(
      writes,
      async (text) => {
        await api.merge(`/api/v1/namespaces/default/configmaps/${metadata.name}`, { data: { text } });
      },
      16,
    );
  }

  async function looksTwice(berth: Runtime): Promise<void> {
    const queue = berth.get(LabsQueue);
    const looks = new Map<string, number>();
    queue.onOutcome(({ key }) => looks.set(key, (looks.get(key) ?? 0) + 1));
    for (const times of [1, 2]) {
      for (const user of KEPT) queue.add(user);
      await until(() => KEPT.every((user) => (looks.get(user) ?? 0) >= times), 'a look', PATIENCE_MS);
    }
  }

  const isHalf = ({ verb, resource, body }: SeenRequest): boolean =>
    verb === 'create' && resource === 'namespaces' && body.includes(`${instance}-${HALF}`);
  const isRemoval = ({ verb, resource }: SeenRequest): boolean =>
    verb.startsWith('delete') && resource !== 'secrets';

  /**
   * @promise nothing is lost
   * @fault a real etcd is restored to an earlier state, its revisions too, under a process that runs on, and under the next one
   * @outcome labs that ran then and now are untouched, one that was stopped since is back, one whose spawn was under way then comes up or says `request_incomplete`, one that was started since is answered 404 and can be started again; nothing is removed by us
   */
  it('costs nobody a lab that ran when the backup was made', async () => {
    const first = await start();
    for (const user of KEPT) await spawn(first, user);
    const hold = proxy.add({ match: { where: isHalf }, action: CALL_FAULTS['503'] });
    await first.labs.create(aCreate(HALF));
    await until(() => proxy.requests.some(isHalf), 'a spawn half done', PATIENCE_MS);
    await cluster.save();
    hold();
    const before = await alive(KEPT);
    expect((await storyOf(first.labs, HALF)).at(-1)?.entry.event).toBe('complete');
    await first.labs.remove('dario');
    await spawn(first, SINCE);
    await anHourPasses();
    const from = proxy.requests.length;

    await cluster.restore();

    await until(() => KEPT.every((user) => first.labs.running().includes(user)), 'all are back', PATIENCE_MS);
    await until(() => !first.labs.running().includes(SINCE), 'what came since is gone', PATIENCE_MS);
    while (await isKnown(first, SINCE)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(['complete', 'request_incomplete']).toContain(await endOf(first, HALF));
    await looksTwice(first);
    await first.close();
    const second = await start();
    await looksTwice(second);

    expect(await alive(KEPT)).toEqual(before);
    expect(await Promise.all(KEPT.map(async (user) => (await labOf(user)).status?.phase))).toEqual(
      KEPT.map(() => 'running'),
    );
    const removals = proxy.requests.slice(from).filter(isRemoval);
    expect(removals.map(({ verb, path }) => `${verb} ${path}`)).toEqual([]);
    expect(await alive([SINCE])).toEqual([]);
    for (const user of [SINCE, HALF]) {
      await second.labs.remove(user).catch(onlyIfUnknown);
      await spawn(second, user);
    }
    await second.close();
  }, 420_000);

  /**
   * @promise nothing is lost
   * @fault on a real control plane, somebody deletes the custom resource definitions and installs them again
   * @outcome every running lab is adopted, untouched
   */
  it('costs nobody a lab when the CRDs are deleted and installed again', async () => {
    const users = ['cora', 'carl'];
    const berth = await start();
    for (const user of users) await spawn(berth, user);
    const before = await alive(users);
    const labs = `/apis/berth.dev/v1alpha1/namespaces/${instance}/labs`;

    for (const { metadata } of await list(labs))
      await api.merge(`${labs}/${metadata.name}`, { metadata: { finalizers: null } });
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/labs.berth.dev';
    await api.remove(definition);
    await api.eventually(definition, ({ status }) => status === 404);
    await installCrds(api);

    for (const user of users)
      await api.eventually<Lab>(`${labs}/${user}`, ({ body }) => body.status?.phase === 'running');
    expect(await alive(users)).toEqual(before);
    expect(before).toHaveLength(2 * users.length);
    await berth.close();
  }, 420_000);
});

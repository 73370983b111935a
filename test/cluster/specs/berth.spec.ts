import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { neededRights } from '../../../src/start-rights.js';
import { someSettings } from '../../gen/index.js';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { readStream, type WireEvent } from '../../support/sse-reader.js';
import { readAudit } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantedRights, grantRights, rightOf } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

interface List {
  readonly items: readonly Thing[];
}

interface RoleThing {
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

const USER_NAMESPACE = 'userlabs-rachel';

describeReal('the built Berth on a real control plane, with the rights of the chart', (cluster) => {
  const api = new Api(cluster);
  let instance = '';
  let berth: BerthProcess;

  beforeAll(async () => {
    await installCrds(api);
    instance = await freshNamespace(api, 'berth');
    const ours = await grantRights(api, cluster, instance);
    const { registry, identity } = cluster;
    const kubeconfig = (): object => kubeconfigFor(ours, instance, 'berth');
    const files = aPlatform({ registry, identity, kubeconfig });
    // The chart installs the resources; Berth has no right to.
    const environment = { ...files.environment, BERTH_INSTALL_CRDS: 'false' };
    berth = await BerthProcess.prepare({ ...files, environment });
    await berth.start();
  });
  afterAll(async () => {
    await berth.dispose();
    await api.close();
  });

  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, token: string, body?: object) => {
    const answer = await request(`${berth.url}/nublado/spawner/v1/labs/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  };
  const names = async (path: string): Promise<readonly string[]> =>
    (await api.get<List>(path)).body.items.map(({ metadata }) => metadata.name);
  const audit = async () =>
    (await readAudit(cluster.folder, 'berth/')).filter(({ userAgent }) =>
      userAgent?.endsWith(`(${instance})`),
    );

  it('spawns a lab, tells the whole story, and shows it running', async () => {
    const accepted = await call('POST', 'rachel/create', 'rachel-token', {
      options: { image_tag: 'recommended', size: 'small' },
      env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/', JUPYTERHUB_API_TOKEN: 'hub-api-token' },
    });
    expect(accepted).toMatchObject({ status: 201 });
    const stream = await readStream({
      url: `${berth.url}/nublado/spawner/v1/labs/rachel/events`,
      token: 'rachel-token',
    });

    expect(await stream.ended, 'the stream ends cleanly').toBe(true);

    expect(stream.events.at(-1)?.event, berth.log).toBe('complete');
    expect(numbersOf(stream.events)).toEqual(stream.events.map((_, index) => index + 1));
    const status = await call('GET', 'rachel', 'hub-token');
    expect(status).toMatchObject({ status: 200, body: { status: 'running', user: { username: 'rachel' } } });
    const pods = await api.get<List>(`/api/v1/namespaces/${USER_NAMESPACE}/pods`);
    expect(pods.body.items).toMatchObject([{ status: { phase: 'Running' } }]);
    expect((await names(`/api/v1/namespaces/${instance}/secrets`)).length, 'request Secrets left').toBe(0);
  });

  it('answers the same story to who comes late', async () => {
    const read = () =>
      readStream({ url: `${berth.url}/nublado/spawner/v1/labs/rachel/events`, token: 'rachel-token' });

    const [first, second] = await Promise.all([read(), read()]);
    await Promise.all([first.ended, second.ended]);

    expect(first.events.length).toBeGreaterThan(3);
    expect(second.events.map(({ raw }) => raw)).toEqual(first.events.map(({ raw }) => raw));
  });

  it('removes the lab, and leaves nothing but the record', async () => {
    const removed = await call('DELETE', 'rachel', 'hub-token');

    expect(removed.status, berth.log).toBe(204);
    expect(await call('GET', 'rachel', 'hub-token')).toMatchObject({ status: 404 });
    await api.eventually(`/api/v1/namespaces/${USER_NAMESPACE}`, ({ status }) => status === 404);
    expect(await names(`/api/v1/namespaces/${instance}/secrets`)).toEqual([]);
    const labs = await api.get<List>(`/apis/berth.dev/v1alpha1/namespaces/${instance}/labs`);
    expect(labs.body.items).toMatchObject([{ status: { phase: 'stopped' } }]);
  });

  /**
   * @promise nobody gets in
   * @fault Berth has exactly the rights of the chart
   * @outcome a spawn and a stop need none that is missing
   */
  it('was never refused for want of a right', async () => {
    const refused = (await audit()).filter(({ responseStatus }) => responseStatus?.code === 403);

    expect(refused.map(({ verb, objectRef }) => [verb, objectRef])).toEqual([]);
  });

  /**
   * @promise nobody gets in
   * @fault users keep Secrets in their namespaces
   * @outcome none of them is ever read by us
   */
  it('never read a Secret outside its own namespace', async () => {
    const secrets = (await audit()).filter(({ objectRef }) => objectRef?.resource === 'secrets');

    const read = secrets.filter(({ verb }) => ['get', 'list', 'watch'].includes(verb));

    expect(secrets.length).toBeGreaterThan(0);
    expect(read.filter(({ objectRef }) => objectRef?.namespace !== instance)).toEqual([]);
  });

  it('names at its start each right that somebody took away', async () => {
    const lacking = await freshNamespace(api, 'lacking');
    const ours = await grantRights(api, cluster, lacking);
    const role = `/apis/rbac.authorization.k8s.io/v1/clusterroles/berth-${lacking}`;
    const { body } = await api.get<RoleThing>(role);
    const rules = body.rules.map((rule) =>
      rule.resources.includes('nodes') ? { ...rule, verbs: ['list'] } : rule,
    );
    await api.merge(role, { rules: rules.filter(({ resources }) => !resources.includes('storageclasses')) });
    const { registry, identity } = cluster;
    const files = aPlatform({ registry, identity, kubeconfig: () => kubeconfigFor(ours, lacking, 'berth') });
    const environment = { ...files.environment, BERTH_INSTALL_CRDS: 'false' };
    const refused = await BerthProcess.prepare({ ...files, environment });

    const start = async (): Promise<void> => {
      // The roles come to the API server's judgement by a watch of its own; until then a start succeeds.
      for (;;) {
        await refused.start();
        await refused.terminate();
      }
    };

    await expect(start()).rejects.toThrow('Berth ended with');
    expect(refused.log).toContain('Not allowed to watch nodes in all namespaces');
    expect(refused.log).toContain('Not allowed to get storageclasses.storage.k8s.io in all namespaces');
    await refused.dispose();
  });

  it('asks at its start for rights that the chart grants, all of them', async () => {
    const needed = neededRights(instance, someSettings()).map(({ verb, group, resource, namespace }) =>
      rightOf({ verb, group, resource, isOurs: namespace !== undefined }),
    );

    expect(await grantedRights()).toEqual(expect.arrayContaining(needed));
  });
});

const numbersOf = (events: readonly WireEvent[]): readonly number[] =>
  events.map(({ id }) => Number(id?.split('-')[1]));

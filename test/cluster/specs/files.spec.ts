import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTANCE, OPERATION, OWNER } from '../../../src/fileservers/fileserver.marks.js';
import { FileserverView } from '../../../src/fileservers/fileserver.view.js';
import { Lag, startFaultProxy, type FaultProxy } from '../../../simulator/faults/index.js';
import { aUser, fileSettings, startFileProcess } from '../../support/file-room.js';
import type { FileProcess } from '../../support/file-room.js';
import { JUMP_LEASE, JumpClock } from '../../support/jump-clock.js';
import { findKubectl, kubectlFor } from '../../support/kubectl.js';
import { until } from '../../support/until.js';
import { readAudit } from '../harness/index.js';
import { Api, type Refusal, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { PUBLICATIONS, type Publication } from '../support/publications.js';
import { grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

interface List {
  readonly items: readonly Thing[];
}

interface Server extends Thing {
  readonly status?: { readonly phase?: string };
}

/** The garbage collector learns of a new kind in half a minute; so what needs it comes last. */
const NAMES = ['ingress', 'httproute', 'gafaelfawr'] as const satisfies (keyof typeof PUBLICATIONS)[];
const kubectl = findKubectl();
/** No kubelet of these specs takes so long; whoever wants it over lets the clock jump. */
const CREATION = 120_000;

/** The real Job controller, scheduler and garbage collector; our kubelets run the pod and end it by script. */
describeReal('file servers on a real control plane', (cluster) => {
  const api = new Api(cluster);
  beforeAll(async () => {
    await installCrds(api);
    for (const name of NAMES) await PUBLICATIONS[name].install(api);
  });
  afterAll(() => api.close());

  const objects = (namespace: string, group: string, plural: string): string =>
    `/${group === 'v1' ? 'api' : 'apis'}/${group}/namespaces/${namespace}/${plural}`;
  const namesOf = async (path: string): Promise<readonly string[]> =>
    (await api.get<List>(path)).body.items.map(({ metadata }) => metadata.name);
  const record = (namespace: string, user: string): string =>
    `/apis/berth.dev/v1alpha1/namespaces/${namespace}/fileservers/${user}`;

  it.each(NAMES)(
    'takes every object as our golden files have it, unknown fields refused: %s',
    async (name) => {
      const text = await readFile(`test/golden/fileservers/${name}.json`, 'utf8');
      const namespace = await freshNamespace(api, 'golden');
      const golden = JSON.parse(text) as (Thing & { readonly apiVersion: string; readonly kind: string })[];

      for (const object of golden) {
        const { apiVersion, kind, metadata } = object;
        const plural = `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
        const path = `${objects(namespace, apiVersion, plural)}?dryRun=All&fieldValidation=Strict`;
        const { status, body, warnings } = await api.create<Refusal>(path, {
          ...object,
          metadata: { ...metadata, namespace },
        });

        expect([kind, status, body.message, warnings]).toEqual([kind, 201, undefined, []]);
      }
      expect(golden.length).toBeGreaterThan(2);
    },
  );

  describe.each(NAMES)('published by %s, with the rights of the chart', (name) => {
    const publication: Publication = PUBLICATIONS[name];
    const clock = new JumpClock();
    let instance = '';
    let proxy: FaultProxy;
    let process: FileProcess;

    const start = (): Promise<FileProcess> => {
      const settings = fileSettings({ namespace: instance }, publication.settings);
      return startFileProcess({
        kubeconfig: proxy.kubeconfig(instance),
        settings,
        clock,
        lease: JUMP_LEASE,
      });
    };
    beforeAll(async () => {
      instance = await freshNamespace(api, `files-${name}`);
      const { url, ca, users } = await grantRights(api, cluster, instance, ['fileservers']);
      proxy = await startFaultProxy({ target: url, ca, token: users['berth'] ?? '' });
      process = await start();
    });
    afterAll(async () => {
      await process.close();
      await proxy.close();
    });

    const open = async (): Promise<string> => {
      const opening = process.files.open(aUser());
      await publication.takeUp(api, { namespace: instance, name: 'rachel-fs' });
      return opening;
    };
    /** As a kubelet tells it of a server that nobody used for long enough. */
    const endByItself = async (): Promise<void> => {
      const [pod = ''] = await namesOf(objects(instance, 'v1', 'pods'));
      const path = `${objects(instance, 'v1', 'pods')}/${pod}/status`;
      expect(await api.merge(path, { status: { phase: 'Succeeded' } })).toMatchObject({ status: 200 });
    };
    const leftovers = async (): Promise<readonly string[]> => {
      const [plural, group] = publication.route;
      const kinds = [
        ['v1', 'pods'],
        ['v1', 'services'],
        ['batch/v1', 'jobs'],
        ['networking.k8s.io/v1', 'ingresses'],
        [group, plural],
      ] as const;
      const found = await Promise.all(kinds.map(([of, kind]) => namesOf(objects(instance, of, kind))));
      return found.flat();
    };

    /**
     * @promise nothing is lost
     * @fault a real control plane, and each way to publish a file server
     * @outcome the server comes up once its route is taken up, ends by itself when idle, and leaves nothing but its record
     */
    it('comes up once it is taken up, ends by itself, and leaves nothing but its record', async () => {
      expect(await open()).toBe('https://data.example.org/files/rachel');
      expect(await namesOf(objects(instance, 'batch/v1', 'jobs'))).toEqual(['rachel-fs']);
      const { body } = await api.get<Server>(record(instance, 'rachel'));
      expect(body.status).toMatchObject({ phase: 'running' });

      await endByItself();
      await api.eventually<Server>(
        record(instance, 'rachel'),
        ({ body: seen }) => seen.status?.phase === 'stopped',
      );
      expect(await leftovers()).toEqual([]);
      const secrets = await namesOf(objects(instance, 'v1', 'secrets'));
      expect(secrets).toEqual(name === 'gafaelfawr' ? [] : ['berth-fileserver-master']);
    });

    it('comes up again, and goes when it is removed', async () => {
      await open();

      await process.files.remove('rachel');

      expect(await leftovers()).toEqual([]);
    });

    it('comes up though it never heard that its route was made', async () => {
      const [resource] = publication.route;
      const made = { verb: 'create', resource, namespace: instance, times: 1 } as const;
      proxy.add({ match: made, action: { do: 'reset', at: 'after' } });
      // So that the second try comes before the news that the first has done it.
      proxy.add({ match: { verb: 'watch', resource }, action: { do: 'lag', lag: new Lag(3_000) } });
      proxy.cut();
      proxy.forget();

      await open();

      expect(proxy.requests.filter((one) => one.verb === 'create' && one.resource === resource)).toHaveLength(
        2,
      );
      await process.files.remove('rachel');
      expect(await leftovers()).toEqual([]);
    });

    /** As a Nublado controller leaves its server: no record, none of our marks. */
    const forget = async (): Promise<void> => {
      const [plural, group] = publication.route;
      const parts = [
        objects(instance, 'batch/v1', 'jobs'),
        objects(instance, 'v1', 'services'),
        objects(instance, group, plural),
      ];
      const labels = { [INSTANCE]: null, [OWNER]: null, [OPERATION]: null };
      for (const path of parts)
        await api.merge(`${path}/rachel-fs`, { metadata: { labels, ownerReferences: null } });
      await api.merge(record(instance, 'rachel'), { metadata: { finalizers: null } });
      await api.remove(record(instance, 'rachel'));
    };

    // The only way of publishing that Nublado knows.
    if (name === 'gafaelfawr')
      it('is taken over from a Nublado controller', async () => {
        await open();
        const job = `${objects(instance, 'batch/v1', 'jobs')}/rachel-fs`;
        const { body: before } = await api.get(job);
        await process.close();
        await forget();

        process = await start();

        await api.eventually<Server>(
          record(instance, 'rachel'),
          ({ body }) => body.status?.phase === 'running',
        );
        const { body: after } = await api.get(job);
        expect(after.metadata.uid).toBe(before.metadata.uid);
        expect(after.metadata.labels).toMatchObject({ [INSTANCE]: instance });
        await process.files.remove('rachel');
        expect(await leftovers()).toEqual([]);
      });

    /**
     * @promise nothing is hidden
     * @fault nobody takes up the route of a file server
     * @outcome the answer, the record and `kubectl describe` say so, with the remedy
     */
    it('says in the answer, in its record and in kubectl describe that nobody took it up', async () => {
      const opening = process.files.open(aUser('wrench')).catch((error: unknown) => error);
      const view = process.get(FileserverView);
      const isReady = (): boolean => {
        const server = view.servers.find('wrench');
        return server !== undefined && view.observe(server).pod?.ready === true;
      };
      await until(isReady, 'its pod', 40_000);
      clock.jump(CREATION);

      expect(await opening).toMatchObject({ failure: { reason: 'no_address', who: 'operator' } });
      await api.eventually<Server>(record(instance, 'wrench'), ({ body }) => body.status?.phase === 'failed');
      const events = objects(instance, 'v1', 'events');
      await api.eventually(events, ({ body }) => JSON.stringify(body).includes('"reason":"no_address"'));
      await expect.poll(leftovers, { timeout: 40_000 }).toEqual([]);
      if (kubectl === undefined) return;
      const run = kubectlFor(kubectl, kubeconfigFor(cluster, instance, 'admin'));
      const told = await run('describe', 'fileserver', 'wrench');
      expect(told).toMatch(/Warning\s+no_address/);
      expect(told.replaceAll(/\s+/g, ' ')).toContain('Look at the ingress controller or gateway');
    });

    it('was never refused for want of a right', async () => {
      const audit = await readAudit(cluster.folder, 'berth/');
      const mine = audit.filter(({ objectRef }) => objectRef?.namespace === instance);

      expect(mine.length).toBeGreaterThan(0);
      expect(mine.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    });
  });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { expectGolden } from '../../support/golden.js';
import { Api, type Thing } from '../support/api.js';
import { hasHelm, pathOf, renderChart, type Rendered } from '../support/chart.js';
import { installCrd } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { describeReal } from '../support/shared-cluster.js';

const GAFAELFAWR = 'gafaelfawringresses.gafaelfawr.lsst.io';
const VALUES = {
  namespacePrefix: 'userlabs',
  'fileservers.enabled': 'true',
  'fileservers.namespace': 'files',
  'ingress.enabled': 'true',
  'ingress.host': 'science.example.org',
};
const PLAIN = { ...VALUES, 'ingress.kind': 'ingress' };
const ASK = 'nginx\\.ingress\\.kubernetes\\.io/auth-url';

describeReal('the routes of the chart, rendered by helm, on a real API server', (cluster) => {
  describe.skipIf(!hasHelm())('with an ingress', () => {
    const admin = new Api(cluster);
    let instance = '';

    beforeAll(async () => {
      instance = await freshNamespace(admin, 'routes');
      const text = await readFile('test/fixtures/kubernetes/publication-crds.yaml', 'utf8');
      const crds = parseAllDocuments(text).map((document) => document.toJS() as Thing);
      for (const crd of crds) if (crd.metadata.name === GAFAELFAWR) await installCrd(admin, crd);
    });
    afterAll(() => admin.close());

    const routes = async (values: Readonly<Record<string, string>>): Promise<readonly Rendered[]> =>
      (await renderChart(instance, values)).filter(({ kind }) =>
        /^(Service|(Gafaelfawr)?Ingress)$/.test(kind),
      );
    /** What the server says to each, as if it were created; fields that it does not know are refused. */
    const accepted = (objects: readonly Rendered[]) =>
      Promise.all(
        objects.map(async (each) => {
          const { status, body } = await admin.create(
            `${pathOf(each)}?dryRun=All&fieldValidation=Strict`,
            each,
          );
          return status === 201 ? status : body;
        }),
      );
    const withoutPlace = (objects: readonly Rendered[]) =>
      objects.map(({ metadata: { namespace: _, ...metadata }, ...rest }) => ({ ...rest, metadata }));

    it('are nothing unless they are asked for', async () => {
      expect(await routes({ namespacePrefix: 'userlabs' })).toEqual([]);
    });

    it('are GafaelfawrIngresses with the scopes of the contract’s deployment', async () => {
      const objects = await routes(VALUES);

      // Who gets where by them is judged in test/network, where there is no helm.
      expectGolden('chart/routes-gafaelfawr', withoutPlace(objects));
      expect(await accepted(objects)).toEqual(objects.map(() => 201));
    });

    it('are Ingresses, each with its own guard, where there is no Gafaelfawr', async () => {
      const guards = ['hub', 'user', 'admin', 'files'].map((audience) => [
        `ingress.guards.${audience}.${ASK}`,
        `http://guard.auth/${audience}`,
      ]);
      const objects = await routes({
        ...PLAIN,
        'ingress.className': 'nginx',
        'ingress.tlsSecret': 'science-tls',
        ...(Object.fromEntries(guards) as Readonly<Record<string, string>>),
      });

      expectGolden('chart/routes-ingress', withoutPlace(objects));
      expect(await accepted(objects)).toEqual(objects.map(() => 201));
    });

    it('keep to the prefixes of the configuration, and offer no files where there are none', async () => {
      const objects = await routes({ ...VALUES, 'fileservers.enabled': 'false', pathPrefix: '/lab.s/' });

      const text = JSON.stringify(objects);
      expect(text).not.toContain('/nublado');
      expect(text).not.toContain('files');
      expect(text).not.toContain('/lab.s//');
      expect(text).toContain(JSON.stringify('/lab\\.s/spawner/v1/labs/[^/]+/create/?$'));
    });

    /**
     * @promise nobody gets in
     * @fault the chart is to route to Berth through an ingress that asks nobody who comes
     * @outcome it does not render, and says what is missing
     */
    it('are refused where an audience has no guard, until somebody says that Berth needs none', async () => {
      await expect(routes(PLAIN)).rejects.toThrow('ingress.guards.admin is not set');
      await expect(routes({ ...VALUES, 'ingress.kind': 'traefik' })).rejects.toThrow(
        'expected gafaelfawr or ingress',
      );
      await expect(routes({ ...VALUES, 'ingress.host': '' })).rejects.toThrow('ingress.host is not set');

      const objects = await routes({ ...PLAIN, 'ingress.unguarded': 'true' });
      expect(await accepted(objects)).toEqual(objects.map(() => 201));
    });
  });
});

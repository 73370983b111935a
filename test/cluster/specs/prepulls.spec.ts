import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRegistry, type Registry } from '../../../simulator/registry/index.js';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { readAudit } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { accountIn, grantRights } from '../support/rights.js';
import { describeReal, kubeconfigFor } from '../support/shared-cluster.js';

interface NodeImages extends Thing {
  readonly metadata: Thing['metadata'] & {
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly status: {
    readonly proven: number;
    readonly failed: number;
    readonly images: readonly { readonly state: string }[];
  };
}

interface List<T> {
  readonly items: readonly T[];
}

interface Matrix {
  readonly images: readonly { readonly prepulled: boolean }[];
  readonly nodes: readonly { readonly name: string; readonly eligible: boolean }[];
  readonly pulling: number;
}

describeReal(
  'prepulling on a real control plane, in a namespace that admits nothing but restricted pods',
  (cluster) => {
    const api = new Api(cluster);
    let instance = '';
    let registry: Registry;
    let berth: BerthProcess;

    beforeAll(async () => {
      await installCrds(api);
      instance = await freshNamespace(api, 'prepulls');
      const enforce = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await api.patch(`/api/v1/namespaces/${instance}`, [
        {
          op: 'add',
          path: '/metadata/labels',
          value: { 'kubernetes.io/metadata.name': instance, ...enforce },
        },
      ]);
      const ours = await grantRights(api, cluster, instance);
      // Images that no other spec has brought to the nodes.
      registry = await startRegistry({ repository: `prepulls/${instance}` });
      const { identity } = cluster;
      const kubeconfig = (): object => kubeconfigFor(ours, instance, 'berth');
      const files = aPlatform({ registry, identity, kubeconfig });
      const environment = { ...files.environment, BERTH_INSTALL_CRDS: 'false' };
      berth = await BerthProcess.prepare({ ...files, environment });
      await berth.start();
    });
    afterAll(async () => {
      await berth.dispose();
      await registry.close();
      await api.close();
    });

    const matrix = async (): Promise<Matrix> => {
      const headers = { authorization: 'Bearer admin-token' };
      const answer = await request(`${berth.url}/nublado/admin/v1/prepulls`, { headers });
      return (await answer.body.json()) as Matrix;
    };
    const records = async (): Promise<readonly NodeImages[]> =>
      (await api.get<List<NodeImages>>(`/apis/berth.dev/v1alpha1/namespaces/${instance}/nodeimages`)).body
        .items;

    /**
     * @promise nothing is wasted
     * @fault a real control plane, where pods, nodes and quotas are judged for real
     * @outcome the menu comes to every node; nothing stays behind but what was learnt
     */
    it('brings the menu to every node, and leaves nothing behind but what it learnt', async () => {
      const isOver = async (): Promise<boolean> => {
        const { images, pulling } = await matrix();
        return images.length > 0 && pulling === 0 && images.every(({ prepulled }) => prepulled);
      };
      await expect.poll(isOver, { timeout: 90_000 }).toBe(true);

      const { images, nodes } = await matrix();
      const eligible = nodes.filter((node) => node.eligible).map(({ name }) => name);
      const pods = `/api/v1/namespaces/${instance}/pods`;
      await expect
        .poll(async () => (await api.get<List<Thing>>(pods)).body.items.map(({ metadata }) => metadata.name))
        .toEqual([]);
      const found = await records();
      expect(found.map(({ metadata }) => metadata.name).sort()).toEqual([...eligible].sort());
      for (const { metadata, status } of found) {
        expect(metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: metadata.name }]);
        expect(status).toMatchObject({ proven: images.length, failed: 0 });
      }
    });

    it('was never refused for want of a right, nor by Pod Security', async () => {
      const own = (await readAudit(cluster.folder, 'berth/')).filter(
        ({ user, objectRef }) => user.username === accountIn(instance) && objectRef?.namespace === instance,
      );

      expect(own.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    });
  },
);

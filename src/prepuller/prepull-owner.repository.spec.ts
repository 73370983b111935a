import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../simulator/cluster.js';
import {
  make,
  prepullPods,
  prepullSettings,
  someImage,
  startPrepuller,
} from '../../test/support/prepull-runtime.js';
import type { PrepullProcess } from '../../test/support/prepull-runtime.js';
import { startBerthCluster } from '../../test/support/room-cluster.js';
import { until } from '../../test/support/until.js';

const POD = { containers: [{ name: 'controller', image: 'berth' }] };

describe('PrepullOwner', () => {
  let cluster: Cluster;
  let process: PrepullProcess;

  beforeEach(async () => {
    cluster = await startBerthCluster({ nodes: 1, scripts: { 'science/lab': { failure: 'hang' } } });
  });

  afterEach(async () => {
    await process.close();
    await cluster.close();
  });

  async function ownersOfPulls(ownPod: string | undefined): Promise<readonly string[]> {
    const pod = { name: ownPod, namespace: 'berth', uid: undefined };
    const settings = { ...prepullSettings(), pod };
    process = await startPrepuller({ kubeconfig: cluster.kubeconfig('berth'), settings });
    process.matrix.want([someImage('lab')]);
    await until(() => prepullPods(cluster).length === 1);
    return prepullPods(cluster).flatMap(({ metadata }) =>
      (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`),
    );
  }

  const owned = async (path: string, name: string, owner?: object, spec: object = {}): Promise<object> => {
    const ownerReferences = owner ? [{ ...owner, controller: true }] : [];
    const made = await make(cluster, path, { metadata: { name, ownerReferences }, spec });
    return { name, uid: made.metadata.uid };
  };

  it('is the Deployment, found through our pod and its ReplicaSet', async () => {
    const template = { metadata: { labels: { app: 'berth' } }, spec: POD };
    const spec = { selector: { matchLabels: { app: 'berth' } }, template };
    const apps = '/apis/apps/v1/namespaces/berth';
    const deployment = await owned(`${apps}/deployments`, 'berth', undefined, spec);
    const set = { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment };
    const replicas = await owned(`${apps}/replicasets`, 'berth-1', set, { ...spec, replicas: 0 });
    const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...replicas };
    await owned('/api/v1/namespaces/berth/pods', 'berth-1-x', reference, POD);

    expect(await ownersOfPulls('berth-1-x')).toEqual(['Deployment berth']);
  });

  it.each([
    ['outside a pod', undefined],
    ['where our pod cannot be found', 'nobody'],
  ])('is nobody %s', async (_where, name) => {
    expect(await ownersOfPulls(name)).toEqual([]);
  });
});

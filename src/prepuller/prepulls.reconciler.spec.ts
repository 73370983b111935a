import { afterEach, describe, expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { ConfigPiece } from '../../test/gen/settings.gen.js';
import {
  findingsOn,
  make,
  prepullPods,
  prepullSettings,
  someImage,
  startPrepuller,
} from '../../test/support/prepull-runtime.js';
import type { PrepullProcess } from '../../test/support/prepull-runtime.js';
import { QuickClock } from '../../test/support/quick-clock.js';
import { startBerthCluster } from '../../test/support/room-cluster.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';
import { seconds } from '../common/units.js';
import { PrepullsRepository } from './prepulls.repository.js';
import { PrepullsService } from './prepulls.service.js';

const [LAB, OTHER] = [someImage('lab'), someImage('other', 'w_2077_42')];

describe('PrepullsReconciler', () => {
  const clock = new QuickClock(20);
  /** By the quick clock: no pause of a busy machine costs the lease. */
  const lease = { duration: seconds(600), renewDeadline: seconds(400), renewEvery: seconds(20) };
  let cluster: Cluster;
  let process: PrepullProcess;

  const open = async (options: ClusterOptions = {}): Promise<void> => {
    const server = { clock: () => clock.now() };
    cluster = await startBerthCluster({ nodes: 1, timeScale: 0.01, imagesReportMs: 5, server, ...options });
  };
  const run = async (prepull: ConfigPiece = {}, more: ConfigPiece = {}): Promise<void> => {
    const kubeconfig = cluster.kubeconfig('berth');
    process = await startPrepuller({ kubeconfig, clock, lease, settings: prepullSettings(prepull, more) });
  };
  const begin = async (options?: ClusterOptions): Promise<void> => {
    await open(options);
    await run();
  };
  const cell = (node: string, { digest }: { digest: string }) => process.matrix.row(node)?.images.get(digest);
  const has = (node: string, image: typeof LAB): boolean =>
    ['present', 'proven'].includes(cell(node, image)?.state ?? '');
  const findings = (node = 'node-1') => [...findingsOn(cluster, node)].sort();
  const isClean = () => prepullPods(cluster).length === 0;

  afterEach(async () => {
    await process.close();
    await cluster.close();
  });

  it('brings every wanted image to every node and leaves nothing behind but what it learnt', async () => {
    await begin({ nodes: 2 });

    process.matrix.want([LAB, OTHER]);

    await until(() => [LAB, OTHER].every((image) => has('node-1', image) && has('node-2', image)));
    await until(isClean, 'no pods');
    expect(findings('node-1')).toEqual(['lab: proven', 'other: proven']);
    expect(findings('node-2')).toEqual(['lab: proven', 'other: proven']);
  });

  it('tells who follows that other images are wanted, then of nodes that changed, and in the end what is where', async () => {
    await begin();
    await until(() => process.matrix.row('node-1') !== undefined);
    const service = process.get(PrepullsService);
    const changes = service.follow();
    const batches = changes.batches();
    const first = batches.next();

    process.matrix.want([LAB]);

    expect(await first).toEqual({ done: false, value: undefined });
    const second = batches.next();
    await until(() => has('node-1', LAB) && isClean() && findings().length === 1);
    changes.close();
    // On a machine that stood still meanwhile, all that happened came together in the first.
    expect([
      { done: false, value: ['node-1'] },
      { done: true, value: undefined },
    ]).toContainEqual(await second);
    const { images, nodes, pulling } = service.matrix();
    expect({ pulling, nodes: nodes.length }).toEqual({ pulling: 0, nodes: 1 });
    expect(images).toMatchObject([{ prepulled: true, nodes: ['node-1'], missing: [], pulls: { count: 1 } }]);
  });

  it('notices a new node, and a node that lost its taint', async () => {
    const taints = [{ key: 'gpu', effect: 'NoSchedule' }];
    await begin({ nodes: [{ name: 'node-1' }, { name: 'tainted', taints }] });
    process.matrix.want([LAB]);
    await until(() => has('node-1', LAB));
    expect(prepullPods(cluster).filter(({ metadata }) => metadata.name.endsWith('tainted'))).toEqual([]);

    await cluster.kubelets.addNode({ name: 'late' });
    await until(() => has('late', LAB), 'the image on the new node');

    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = JSON.stringify({ spec: { taints: null } });
    await fetch(`${cluster.api.url}/api/v1/nodes/tainted`, { method: 'PATCH', headers, body });
    await until(() => has('tainted', LAB), 'the image on the node without taint');
  });

  it.each([
    ['diskFull', 'disk_full'],
    ['pullDenied', 'pull_denied'],
    ['imageMissing', 'image_missing'],
    ['registryUnreachable', 'registry_unreachable'],
  ] as const)('never takes a pull that meets %s for done, and tries again', async (failure, reason) => {
    await begin({ scripts: { 'science/lab': { failure } } });

    process.matrix.want([LAB, OTHER]);

    await until(() => cell('node-1', LAB)?.reason === reason, 'the failure in the matrix');
    expect(has('node-1', LAB)).toBe(false);
    const attempts = () =>
      process.log.lines
        .filter(({ message, fields }) => message === 'prepull failed' && fields['reason'] === reason)
        .map(({ fields }) => fields['attempts']);
    await until(() => attempts().length >= 2, 'another try');
    cluster.kubelets.setScript('science/lab', undefined);
    await until(() => has('node-1', LAB) && has('node-1', OTHER), 'both images in the end', 20_000);
    await until(isClean, 'no pods');
    expect(attempts().slice(0, 2)).toEqual([1, 2]);
  });

  it('lets a pull that hangs hold up no other, and gives it up in time', async () => {
    await open({ scripts: { 'science/lab': { failure: 'hang' } } });
    await run({}, { images: { prepullTimeout: '20s' } });

    process.matrix.want([LAB, OTHER]);

    await until(() => has('node-1', OTHER), 'the other image');
    await until(() => findings().includes('lab: pull_timed_out'), 'the end of patience');
    expect(has('node-1', LAB)).toBe(false);
  });

  it('leaves a stranger’s pod alone, and says that it is in the way', async () => {
    await open();
    const spec = { nodeName: 'node-1', containers: [{ name: 'theirs', image: 'theirs' }] };
    const labels = { 'nublado.lsst.io/category': 'prepuller' };
    const name = 'prepull-w-2077-43-node-1';
    await make(cluster, '/api/v1/namespaces/berth/pods', { metadata: { name, labels }, spec });
    await run();

    process.matrix.want([LAB]);

    await until(() => findings().includes('lab: name_taken'), 'the reason');
    expect(prepullPods(cluster).map(({ spec: found }) => found)).toMatchObject([
      { containers: [{ name: 'theirs' }] },
    ]);
  });

  it('pulls again what a node has thrown away', async () => {
    await begin();
    process.matrix.want([LAB, OTHER]);
    await until(() => [LAB, OTHER].every((image) => cell('node-1', image)?.state === 'present') && isClean());

    cluster.kubelets.kubelet('node-1').images.remove(LAB.reference);

    await until(() => !has('node-1', LAB), 'the loss in the matrix');
    await until(() => cell('node-1', LAB)?.state === 'present' && isClean(), 'the image again');
  });

  it('forgets a node that is gone, and begins anew with another of that name', async () => {
    await begin({ nodes: 2, scripts: { 'science/other': { failure: 'hang' } } });
    process.matrix.want([LAB, OTHER]);
    await until(() => findings('node-2').includes('lab: proven'));

    await cluster.kubelets.kubelet('node-2').removeNode();
    await until(() => findings('node-2').length === 0, 'no record of the node');
    await until(() => prepullPods(cluster).every(({ metadata }) => !metadata.name.endsWith('node-2')));

    await cluster.kubelets.addNode({ name: 'node-2' });
    await until(() => findings('node-2').includes('lab: proven'), 'the image on the new node');
  });

  it('begins no pull on a node while a lab waits there for its own image', async () => {
    await open({ nodes: 2, scripts: { 'science/labs-own': { failure: 'hang' } } });
    const labels = { 'nublado.lsst.io/category': 'lab' };
    const spec = { nodeName: 'node-1', containers: [{ name: 'notebook', image: 'science/labs-own' }] };
    await make(cluster, '/api/v1/namespaces/berth/pods', { metadata: { name: 'a-lab', labels }, spec });
    await run();
    process.matrix.want([LAB]);
    await until(() => has('node-2', LAB), 'the image where no lab waits');
    expect(prepullPods(cluster).filter(({ metadata }) => metadata.name.endsWith('node-1'))).toEqual([]);
    expect(has('node-1', LAB)).toBe(false);

    const path = `${cluster.api.url}/api/v1/namespaces/berth/pods/a-lab?gracePeriodSeconds=0`;
    await fetch(path, { method: 'DELETE' });

    await until(() => has('node-1', LAB), 'the image after the lab');
  });

  it('begins no pull before it knows where labs wait', async () => {
    await open();
    const proxy = await startFaultProxy({ target: cluster.api.url });
    const everywhere = ({ path }: { path: string }): boolean => path.startsWith('/api/v1/pods');
    const gate = proxy.gate({ verb: 'watch', where: everywhere, times: 1 }, 'before');
    process = await startPrepuller({
      kubeconfig: proxy.kubeconfig('berth'),
      clock,
      lease,
      settings: prepullSettings(),
    });
    process.matrix.want([LAB]);
    await until(() => gate.arrivals > 0 && process.leadership.leading, 'a leader who knows no labs');
    await until(() => process.get(PrepullsRepository).synced && process.matrix.synced, 'all else');
    for (let look = 0; look < 10; look += 1) await letSocketsSpeak();

    expect(proxy.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'pods')).toEqual(
      [],
    );

    gate.release();
    await until(() => has('node-1', LAB), 'the image');
    await proxy.close();
  });

  it('removes what an earlier life left and nobody wants any more', async () => {
    await begin({ scripts: { 'science/lab': { failure: 'hang' } } });
    process.matrix.want([LAB]);
    await until(() => prepullPods(cluster).length === 1);
    await process.close();

    await run();
    process.matrix.want([OTHER]);

    await until(() => has('node-1', OTHER) && isClean(), 'only what is wanted');
  });

  it('knows after a restart all names of what is there, although nobody tells them', async () => {
    await begin();
    cluster.kubelets.kubelet('node-1').images.add(OTHER.reference, 1);
    await until(() => JSON.stringify(cluster.api.store.dump('nodes')).includes(OTHER.digest), 'its list');
    const named = (one: typeof LAB, ...aliases: string[]) => ({ ...one, aliases });
    process.matrix.want([named(LAB, 'latest', 'recommended'), OTHER]);
    await until(() => findings().join() === 'lab: proven,other: listed' && isClean(), 'a record of both');
    process.matrix.want([named(LAB, 'latest'), named(OTHER, 'recommended')]);
    const known = () =>
      ['lab', 'other'].map((name) =>
        process.matrix
          .provenImages({ registry: 'registry.example.org', repository: `science/${name}` })
          .map(({ tag }) => tag),
      );
    const names = [
      ['w_2077_43', 'latest'],
      ['w_2077_42', 'recommended'],
    ];
    await until(() => JSON.stringify(known()) === JSON.stringify(names), 'the new names');

    await process.close();
    await run();

    await until(() => process.informers.allSynced(), 'caches');
    await until(() => JSON.stringify(known()) === JSON.stringify(names), 'the same names');
  });

  it('sends nothing once everything is there', async () => {
    await begin({ nodes: 2 });
    process.matrix.want([LAB, OTHER]);
    await until(() => [LAB, OTHER].every(({ digest }) => process.matrix.isPrepulled(digest)) && isClean());
    await until(() => findings('node-1').length === 2 && findings('node-2').length === 2);
    // The last record may still be under way: a second of ours.
    await clock.sleep(seconds(20));
    const sent = () =>
      process.requests.filter(({ resource, verb }) => resource !== 'leases' && verb !== 'watch');
    const before = sent().length;

    for (const round of [1, 2]) {
      process.matrix.want(round === 1 ? [OTHER, LAB] : [LAB, OTHER]);
      await cluster.kubelets.kubelet('node-1').recover();
      await clock.sleep(seconds(20));
    }

    expect(sent().slice(before)).toEqual([]);
  });
});

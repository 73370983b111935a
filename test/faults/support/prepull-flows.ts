import type { Cluster } from '../../../simulator/cluster.js';
import { ImageMatrix } from '../../../src/images/index.js';
import { stored } from '../../support/cluster-shapes.js';
import {
  PREPULL_ROOMS,
  findingsOn,
  prepullPods,
  prepullSettings,
  someImage,
} from '../../support/prepull-runtime.js';
import type { RoomFlow } from '../../support/room-scenario.js';
import { roomScenario } from '../../support/room-scenario.js';
import { until } from '../../support/until.js';

const [LAB, BROKEN] = [someImage('lab'), someImage('broken', 'w_2077_42')];
const NODES = ['node-1', 'node-2'];

const room = (): RoomFlow['room'] => ({
  modules: [...PREPULL_ROOMS.modules],
  replaced: PREPULL_ROOMS.replaced,
  settings: prepullSettings({ firstRetry: '1s', longestRetry: '1s' }),
});

const failuresOn = (cluster: Cluster, node: string): readonly string[] =>
  findingsOn(cluster, node).filter((one) => !/: (proven|listed)$/.test(one));

/**
 * What no death may change: every image on every node, no pod left, and nothing told of failures that are overcome. Who
 * pulled an image is chance: a kubelet that was told to give up may have been quicker.
 */
const picture = (cluster: Cluster): unknown => ({
  pods: prepullPods(cluster).map(({ metadata }) => metadata.name),
  records: stored(cluster, 'nodeimages.berth.dev').map(({ metadata }) => metadata.name),
  failures: NODES.map((node) => failuresOn(cluster, node)),
  images: NODES.map((node) =>
    [LAB, BROKEN].map(({ reference }) => cluster.kubelets.kubelet(node).images.has(reference)),
  ),
});

const isOver = (cluster: Cluster): boolean =>
  prepullPods(cluster).length === 0 &&
  NODES.every(
    (node) =>
      failuresOn(cluster, node).length === 0 &&
      [LAB, BROKEN].every(({ reference }) => cluster.kubelets.kubelet(node).images.has(reference)),
  );

const isRefused = (cluster: Cluster): boolean =>
  NODES.every((node) => findingsOn(cluster, node).some((one) => one === 'broken: pull_denied'));

/** Two images onto two nodes; one of them is refused until somebody mends that. */
export const PREPULL = roomScenario({
  name: 'prepull',
  room: room(),
  pace: 20,
  cluster: {
    nodes: 2,
    timeScale: 0.01,
    imagesReportMs: 5,
    scripts: { 'science/broken': { failure: 'pullDenied' } },
  },
  drive: async (process, cluster) => {
    process.get(ImageMatrix).want([LAB, BROKEN]);
    await until(() => isRefused(cluster) || isOver(cluster), 'a failure', 30_000);
    cluster.kubelets.setScript('science/broken', undefined);
    await until(() => isOver(cluster), 'all images and no pods', 30_000);
  },
  picture,
});

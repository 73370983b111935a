import { describe, expect, it } from 'vitest';

import { prepullPods, prepullSettings, someImage, startPrepuller } from '../../support/prepull-runtime.js';
import { PATIENT_LEASE } from '../../support/room-scenario.js';
import { startBerthCluster } from '../../support/room-cluster.js';
import { until } from '../../support/until.js';

const [NODES, IMAGES] = [200, 20];
const MISSING = NODES * IMAGES;
const LIMIT_MS = 600_000;

describe('prepulling at scale', () => {
  it('costs one pod, one deletion and at most a record each, no polling, and nothing once all is there', async () => {
    const cluster = await startBerthCluster({
      nodes: NODES,
      instant: true,
      imagesReportMs: 2000,
      heartbeatMs: 600_000,
    });
    const prepuller = await startPrepuller({
      kubeconfig: cluster.kubeconfig('berth'),
      settings: prepullSettings(),
      lease: PATIENT_LEASE,
    });
    const costs = (from: number): Readonly<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const { verb, resource } of prepuller.requests.slice(from)) {
        // Beside the lease: every two minutes the watch of pods' events begins anew, for labs.
        if (['leases', 'events'].includes(resource) || verb === 'watch') continue;
        counts[`${verb} ${resource}`] = (counts[`${verb} ${resource}`] ?? 0) + 1;
      }
      return counts;
    };
    try {
      const wanted = Array.from({ length: IMAGES }, (_, index) =>
        someImage(`image-${String(index)}`, `w_${String(index)}`),
      );
      await until(
        () => prepuller.informers.allSynced() && prepuller.leadership.leading,
        'a leader',
        LIMIT_MS,
      );
      await until(() => prepuller.matrix.allRows().length === NODES, 'all nodes', LIMIT_MS);
      const before = prepuller.requests.length;
      const began = performance.now();
      prepuller.matrix.want(wanted);
      const isOver = (): boolean =>
        prepullPods(cluster).length === 0 &&
        wanted.every(({ digest }) => prepuller.matrix.isPrepulled(digest));
      await until(isOver, 'all images on all nodes', LIMIT_MS);
      // The last pod is gone a moment before its deletion is answered.
      await until(() => costs(before)['delete pods'] === MISSING, 'the last answer', LIMIT_MS);
      const seconds = Math.round((performance.now() - began) / 1000);
      const { heapUsed } = process.memoryUsage();
      const spent = costs(before);
      console.log(`${NODES} nodes x ${IMAGES} images in ${seconds} s:`, spent, `heap ${heapUsed >> 20} MiB`);

      const { 'create pods': made, 'delete pods': removed, ...rest } = spent;
      expect({ made, removed }).toEqual({ made: MISSING, removed: MISSING });
      const { 'create nodeimages': records = 0, 'patch nodeimages': patches = 0, ...others } = rest;
      expect(records).toBe(NODES);
      expect(records + patches).toBeLessThanOrEqual(NODES * (seconds + 1));
      expect(records + patches).toBeLessThanOrEqual(MISSING);
      expect(others).toEqual({});

      const settled = prepuller.requests.length;
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      expect(costs(settled)).toEqual({});
    } finally {
      await prepuller.close();
      await cluster.close();
    }
  });
});

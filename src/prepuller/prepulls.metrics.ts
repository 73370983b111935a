import { Injectable } from '@nestjs/common';
import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { ImageProven, PullFailed } from './prepulls.events.js';
import { PrepullsView } from './prepulls.view.js';

/** Figures of the room. Pulls are counted where their end is recorded: on the leader. */
@Injectable()
export class PrepullsMetrics {
  constructor(metrics: Metrics, bus: EventBus) {
    const ends = metrics.counter({
      name: 'berth_prepulls_total',
      help: 'Pulls onto nodes that ended: proven, or failed with its reason.',
      labelNames: ['end', 'reason'],
    });
    const took = metrics.histogram({
      name: 'berth_prepull_duration_seconds',
      help: 'From the kubelet taking a prepull pod on to its start, which is the pull.',
      buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1800],
    });
    bus.on(ImageProven, (proven) => {
      ends.inc({ end: 'proven', reason: '' });
      if (proven.took !== undefined) took.observe(proven.took / 1000);
    });
    bus.on(PullFailed, ({ reason }) => ends.inc({ end: 'failed', reason }));
  }
}

/** What is on the nodes; each replica counts its own view of it. */
@Injectable()
export class PrepulledImagesMetrics {
  constructor(metrics: Metrics, { matrix, pulls }: PrepullsView) {
    metrics.gauge({
      name: 'berth_prepull_images',
      help: 'Wanted images on eligible nodes, by what is known: present and proven count as prepulled.',
      labelNames: ['state'],
      collect() {
        const states = ['present', 'proven', 'absent', 'pulling', 'failed', 'unknown'];
        const counts = new Map(states.map((state) => [state, 0]));
        for (const { eligible, images } of matrix.allRows()) {
          if (!eligible) continue;
          for (const { state } of images.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
        }
        for (const [state, count] of counts) this.set({ state }, count);
      },
    });
    metrics.gauge({
      name: 'berth_prepull_pods',
      help: 'Prepull pods that exist.',
      collect() {
        this.set(pulls.allPulls().length);
      },
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Metrics } from './health/index.js';
import { Informers, Leadership } from './kubernetes/index.js';

/** Figures of what all rooms share of the cluster. */
@Injectable()
export class ClusterMetrics {
  constructor(metrics: Metrics, informers: Informers, leadership: Leadership) {
    metrics.gauge({
      name: 'berth_informer_last_event_age_seconds',
      help: 'Time since the API server was last heard on a watch. High on one: that watch. High on all: the API server.',
      labelNames: ['resource'],
      collect() {
        for (const informer of informers.all()) {
          this.set({ resource: informer.resource }, informer.lastEventAge() / 1000);
        }
      },
    });
    metrics.counter({
      name: 'berth_informer_events_total',
      help: 'Changes that watches told. What the rest of the cluster makes us look at.',
      labelNames: ['resource'],
      collect() {
        this.reset();
        for (const { events, resource } of informers.all()) this.inc({ resource }, events);
      },
    });
    metrics.gauge({
      name: 'berth_informer_objects',
      help: 'Objects in an informer.',
      labelNames: ['resource'],
      collect() {
        for (const informer of informers.all()) this.set({ resource: informer.resource }, informer.size);
      },
    });
    metrics.gauge({
      name: 'berth_leader',
      help: '1 on the replica that reconciles.',
      collect() {
        this.set(leadership.leading ? 1 : 0);
      },
    });
  }
}

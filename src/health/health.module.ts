import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { EventStreams, Requests } from '../http/index.js';
import { HealthController } from './health.controller.js';
import { MetricsServer } from './metrics.server.js';
import { Metrics } from './metrics.js';
import { QueueMetrics } from './queue-metrics.js';
import { Readiness } from './readiness.js';

/** `Metrics` is made before the modules, as the server and the cluster's transport count from their first request. */
@Global()
@Module({})
export class HealthModule {
  constructor(metrics: Metrics, streams: EventStreams, readiness: Readiness, requests: Requests) {
    readiness.add('process', () => (requests.closing ? 'shutting down' : undefined));
    metrics.gauge({
      name: 'berth_http_streams_open',
      help: 'Event streams that are open.',
      collect() {
        this.set(streams.open);
      },
    });
  }

  static forRoot(metrics: Metrics): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: Metrics, useValue: metrics }, MetricsServer, QueueMetrics, Readiness],
      exports: [Metrics, MetricsServer, QueueMetrics, Readiness],
    };
  }
}

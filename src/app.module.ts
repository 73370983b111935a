import { Injectable, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ApiModule } from './api.module.js';
import type { Groundwork } from './api.module.js';
import { ClusterMetrics } from './cluster-metrics.js';
import {
  FileserversMetrics,
  FileserversModule,
  FileserversQueue,
  FileserversReadiness,
} from './fileservers/index.js';
import { QueueMetrics, Readiness } from './health/index.js';
import { Drain } from './http/index.js';
import { ImagesMetrics, ImagesModule } from './images/index.js';
import { Informers, KubernetesModule, Leadership, PodEvents } from './kubernetes/index.js';
import type { KubernetesOptions } from './kubernetes/index.js';
import { LabsMetrics, LabsModule, LabsQueue, LabsReadiness, RemovalBrake } from './labs/index.js';
import {
  PrepulledImagesMetrics,
  PrepullerModule,
  PrepullsMetrics,
  PrepullsQueue,
} from './prepuller/index.js';

/** Starts and stops what every room shares of the cluster. */
@Injectable()
export class ClusterLife implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly informers: Informers,
    private readonly leadership: Leadership,
    private readonly drain: Drain,
    private readonly podEvents: PodEvents,
  ) {}

  /** The lease goes when the rooms' queues have stopped, and before anybody is waited for. */
  onModuleInit(): void {
    this.drain.first(() => this.leadership.stop());
    // What labs wait for is another leader's work. Where nobody leads, nobody is helped by waiting.
    this.drain.unless((signal) => this.leadership.abandoned(signal));
  }

  /** Every room has added its informers by now. */
  start(): void {
    this.informers.start();
    this.leadership.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.informers.stop(), this.podEvents.stop()]);
  }
}

/** What the process waits for before it takes requests; none of it is lost again by an outage. */
@Injectable()
class StartReadiness {
  constructor(readiness: Readiness, informers: Informers, labs: LabsReadiness, brake: RemovalBrake) {
    const unless = (done: boolean, waiting: string): string | undefined => (done ? undefined : waiting);
    let listed = false;
    readiness.add('informers', () => {
      listed ||= informers.allSynced();
      return unless(listed, 'first lists are not complete');
    });
    readiness.add('labs', () => unless(labs.ready, 'labs are looked through'));
    readiness.alert('removals', () => brake.stop && alertOf(brake.stop));
  }
}

/** The same for file servers, where there are any. */
@Injectable()
class FilesReadiness {
  constructor(readiness: Readiness, files: FileserversReadiness) {
    readiness.add('fileservers', () => (files.ready ? undefined : 'file servers are looked through'));
  }
}

const alertOf = ({ reason, evidence }: { readonly reason: string; readonly evidence: string }): string =>
  `nothing is removed unasked until berth resume-removals: ${reason} (${evidence})`;

@Injectable()
class ReconcilerMetrics {
  constructor(metrics: QueueMetrics, labs: LabsQueue, prepulls: PrepullsQueue) {
    metrics.measure('labs', labs);
    metrics.measure('prepulls', prepulls);
  }
}

@Injectable()
class FilesReconcilerMetrics {
  constructor(metrics: QueueMetrics, files: FileserversQueue) {
    metrics.measure('fileservers', files);
  }
}

/** The whole application; the only list of modules. */
@Module({})
export class AppModule {
  static forRoot(ground: Groundwork, cluster: KubernetesOptions): DynamicModule {
    const { enabled } = ground.settings.fileserver;
    const files = FileserversModule.forRoot(enabled);
    return {
      module: AppModule,
      imports: [
        KubernetesModule.forRoot(cluster),
        ScheduleModule.forRoot(),
        ApiModule.forRoot(ground, {
          labs: LabsModule,
          images: ImagesModule,
          files,
          prepuller: PrepullerModule,
        }),
        ImagesModule,
        LabsModule,
        PrepullerModule,
        files,
      ],
      providers: [
        ClusterLife,
        ClusterMetrics,
        ImagesMetrics,
        LabsMetrics,
        PrepulledImagesMetrics,
        PrepullsMetrics,
        ReconcilerMetrics,
        StartReadiness,
        ...(enabled ? [FileserversMetrics, FilesReadiness, FilesReconcilerMetrics] : []),
      ],
    };
  }
}

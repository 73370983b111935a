import { Module } from '@nestjs/common';

import { DiscoveryModule } from '../discovery/index.js';
import { ImagesModule } from '../images/index.js';
import { ActorContext } from './actor.context.js';
import { LabDryRun } from './dry-run/lab-dry-run.service.js';
import { LabRecordsService } from './history/lab-records.service.js';
import { HomeNotice } from './home-notice.js';
import { LabActor } from './lab.actor.js';
import { LabBlueprint } from './lab.blueprint.js';
import { LabCluster } from './lab-cluster.js';
import { LabCreateService } from './lab-create.service.js';
import { LabObjectsCreator } from './lab-objects.creator.js';
import { LabRemoveService } from './lab-remove.service.js';
import { LabSpawns } from './lab-spawns.js';
import { LabRequestCheck } from './lab-request.check.js';
import { LabStatusService } from './lab-status.service.js';
import { LabRecorder } from './lab.recorder.js';
import { LabView } from './lab.view.js';
import { LabWriters } from './lab.writers.js';
import { LabNetwork } from './lab-network.repository.js';
import { LabNodes } from './lab-nodes.repository.js';
import { LabSurroundings, LabWorld } from './lab-world.repository.js';
import { LabsAdoption } from './labs.adoption.js';
import { LabsMemory } from './labs.memory.js';
import { LabsProgress } from './labs.progress.js';
import { LabsQueue } from './labs.queue.js';
import { LabsReadiness } from './labs.readiness.js';
import { LabsReconciler } from './labs.reconciler.js';
import { LabsRepository } from './labs.repository.js';
import { LabsRivals } from './labs.rivals.js';
import { LabsService } from './labs.service.js';
import { LabsTriggers } from './labs.triggers.js';
import { ClusterSignals } from './cluster.signals.js';
import { RemovalBrake } from './removal-brake.js';

/**
 * Everything of the room but its HTTP side. Needs `ScheduleModule.forRoot()`, and settings, clock, log, bus and the
 * cluster from global modules.
 */
@Module({
  imports: [ImagesModule, DiscoveryModule],
  providers: [
    ActorContext,
    ClusterSignals,
    HomeNotice,
    LabActor,
    LabBlueprint,
    LabCluster,
    LabCreateService,
    LabDryRun,
    LabObjectsCreator,
    LabRecorder,
    LabRecordsService,
    LabRemoveService,
    LabRequestCheck,
    LabSpawns,
    LabStatusService,
    LabView,
    LabWriters,
    LabNetwork,
    LabNodes,
    LabSurroundings,
    LabWorld,
    LabsAdoption,
    LabsMemory,
    LabsProgress,
    LabsQueue,
    LabsReadiness,
    LabsReconciler,
    LabsRepository,
    LabsRivals,
    LabsService,
    LabsTriggers,
    RemovalBrake,
  ],
  exports: [
    HomeNotice,
    LabDryRun,
    LabNodes,
    LabRecordsService,
    LabSpawns,
    LabView,
    LabsQueue,
    LabsService,
    LabsReadiness,
    RemovalBrake,
  ],
})
export class LabsModule {}

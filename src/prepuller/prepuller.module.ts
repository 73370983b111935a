import { Module } from '@nestjs/common';
import { ImagesModule } from '../images/index.js';
import { LabsModule } from '../labs/index.js';
import { PrepullOwner } from './prepull-owner.repository.js';
import { PrepullPods } from './prepull-pods.js';
import { PrepullerContext } from './prepuller.context.js';
import { PrepullerSignals } from './prepuller.signals.js';
import { PrepullsActor } from './prepulls.actor.js';
import { PrepullsAnnouncer } from './prepulls.announcer.js';
import { PrepullsMemory } from './prepulls.memory.js';
import { PrepullsQueue } from './prepulls.queue.js';
import { PrepullsReconciler } from './prepulls.reconciler.js';
import { PrepullsReporter } from './prepulls.reporter.js';
import { PrepullsRepository } from './prepulls.repository.js';
import { PrepullsTriggers } from './prepulls.triggers.js';
import { PrepullsView } from './prepulls.view.js';
import { PrepullsService } from './prepulls.service.js';
import { PullBounds } from './pull-bounds.js';

/** Everything of the room but its HTTP side. Needs what `LabsModule` needs. */
@Module({
  imports: [ImagesModule, LabsModule],
  providers: [
    PrepullOwner,
    PrepullPods,
    PrepullerContext,
    PrepullerSignals,
    PrepullsActor,
    PrepullsAnnouncer,
    PrepullsMemory,
    PrepullsQueue,
    PrepullsReconciler,
    PrepullsReporter,
    PrepullsRepository,
    PrepullsTriggers,
    PrepullsService,
    PrepullsView,
    PullBounds,
  ],
  exports: [PrepullsQueue, PrepullsService, PrepullsView],
})
export class PrepullerModule {}

import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';

import { LabsModule } from '../labs/index.js';
import { FileserverContext } from './fileserver.context.js';
import { FileserverActor } from './fileserver.actor.js';
import { FileserverChanges } from './fileserver-changes.js';
import { FileserverCluster } from './fileserver-cluster.js';
import { FileserverKeys } from './fileserver-keys.repository.js';
import { FileserverOpenService } from './fileserver-open.service.js';
import { FileserverRemoveService } from './fileserver-remove.service.js';
import { FileserverView } from './fileserver.view.js';
import { FileserverWorld } from './fileserver-world.repository.js';
import { FileserversAdoption } from './fileservers.adoption.js';
import { FileserversQueue } from './fileservers.queue.js';
import { FileserversReadiness } from './fileservers.readiness.js';
import { FileserversReconciler } from './fileservers.reconciler.js';
import { FileserversRepository } from './fileservers.repository.js';
import { DisabledFileservers, EnabledFileservers, FileserversService } from './fileservers.service.js';
import { FsadminRepository } from './fsadmin.repository.js';
import { FsadminService } from './fsadmin.service.js';
import { FileserverSignals, FileserversTriggers } from './fileservers.triggers.js';

const FSADMIN = [FsadminRepository, FsadminService];

/** Everything of the room but its HTTP side; where the configuration wants no file servers, next to nothing. */
@Module({})
export class FileserversModule {
  static forRoot(enabled: boolean): DynamicModule {
    if (!enabled) {
      return {
        module: FileserversModule,
        providers: [...FSADMIN, { provide: FileserversService, useClass: DisabledFileservers }],
        exports: [FileserversService, FsadminService],
      };
    }
    return {
      module: FileserversModule,
      // The brake of removals is one for all that is removed unasked.
      imports: [LabsModule],
      providers: [
        ...FSADMIN,
        FileserverActor,
        FileserverChanges,
        FileserverCluster,
        FileserverContext,
        FileserverKeys,
        FileserverOpenService,
        FileserverRemoveService,
        FileserverSignals,
        FileserverView,
        FileserverWorld,
        FileserversAdoption,
        FileserversQueue,
        FileserversReadiness,
        FileserversReconciler,
        FileserversRepository,
        FileserversTriggers,
        { provide: FileserversService, useClass: EnabledFileservers },
      ],
      exports: [FileserversService, FsadminService, FileserversQueue, FileserversReadiness],
    };
  }
}

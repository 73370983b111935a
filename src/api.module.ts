import { Global, Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { AuthModule } from './auth/index.js';
import { Clock } from './common/clock.js';
import { Log } from './common/logger.js';
import type { Turns } from './common/turns.js';
import { ConfigModule } from './config/index.js';
import type { Settings } from './config/index.js';
import { FilesPageModule, FileserversApiModule } from './fileservers/index.js';
import { EventsModule } from './events/index.js';
import { HealthModule } from './health/index.js';
import type { Metrics } from './health/index.js';
import { AboutModule, HttpModule } from './http/index.js';
import type { Requests } from './http/index.js';
import { ImagesApiModule } from './images/index.js';
import { LabsApiModule } from './labs/index.js';
import { PrepullerApiModule } from './prepuller/index.js';

/** What exists before the modules do. */
export interface Groundwork {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly requests: Requests;
  readonly turns: Turns;
}

@Global()
@Module({})
class GroundModule {
  static forRoot({ clock, log }: Groundwork): DynamicModule {
    return {
      module: GroundModule,
      providers: [
        { provide: Clock, useValue: clock },
        { provide: Log, useValue: log },
      ],
      exports: [Clock, Log],
    };
  }
}

/** Modules that provide the services behind the routes. */
export interface Rooms {
  /** Provides `LabsService`. */
  readonly labs: Type | DynamicModule;
  /** Provides `ImagesService`. */
  readonly images: Type | DynamicModule;
  /** Provides `FileserversService` and `FsadminService`. */
  readonly files: Type | DynamicModule;
  readonly prepuller: Type | DynamicModule;
}

/** Where the page of files is while nobody has files. */
const FILES_PREFIX = '/files';

/** Everything that answers HTTP, over whichever modules do the work. */
@Module({})
export class ApiModule {
  static forRoot(ground: Groundwork, { labs, images, files, prepuller }: Rooms): DynamicModule {
    const { settings, metrics, requests } = ground;
    const { fileserver, pathPrefix } = settings;
    return {
      module: ApiModule,
      imports: [
        GroundModule.forRoot(ground),
        ConfigModule.forRoot(settings),
        EventsModule,
        HttpModule.forRoot(requests),
        HealthModule.forRoot(metrics),
        AuthModule.forRoot(settings.berth.auth.provider),
        AboutModule.forRoot(settings.pathPrefix),
        LabsApiModule.over(labs, images),
        ImagesApiModule.over(images),
        FileserversApiModule.over(files),
        PrepullerApiModule.over(prepuller),
        FilesPageModule.over(files),
        RouterModule.register([
          ...[LabsApiModule, ImagesApiModule, FileserversApiModule, PrepullerApiModule].map((module) => ({
            path: pathPrefix,
            module,
          })),
          { path: fileserver.enabled ? fileserver.pathPrefix : FILES_PREFIX, module: FilesPageModule },
        ]),
      ],
    };
  }
}

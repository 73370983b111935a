import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from './errors/error.filter.js';
import { Drain } from './server/drain.js';
import { Requests } from './server/requests.js';
import { EventStreams } from './sse/event-stream.js';

/** What every route shares. `Requests` is made before the modules, with the server that counts them. */
@Global()
@Module({})
export class HttpModule {
  static forRoot(requests: Requests): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: Requests, useValue: requests },
        { provide: APP_FILTER, useClass: ErrorFilter },
        Drain,
        EventStreams,
      ],
      exports: [Drain, Requests, EventStreams],
    };
  }
}

import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ApiDocument } from './api-document.js';
import { DocsController } from './docs.controller.js';
import { IndexController } from './index.controller.js';
import { RootController } from './root.controller.js';

@Module({ controllers: [IndexController, DocsController], providers: [ApiDocument], exports: [ApiDocument] })
class AboutApiModule {}

/** What the service says of itself: index, API document and the pages that show it. */
@Module({})
export class AboutModule {
  /** `prefix` is where the API lives; without one the root answers for both indexes. */
  static forRoot(prefix: string): DynamicModule {
    return {
      module: AboutModule,
      imports: [AboutApiModule, RouterModule.register([{ path: prefix, module: AboutApiModule }])],
      controllers: prefix === '' ? [] : [RootController],
      exports: [AboutApiModule],
    };
  }
}

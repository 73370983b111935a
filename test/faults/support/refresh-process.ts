import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';

import { Clock } from '../../../src/common/clock.js';
import { Log } from '../../../src/common/logger.js';
import { ConfigModule } from '../../../src/config/index.js';
import type { Settings } from '../../../src/config/index.js';
import { ImageMatrix, ImageMenus, ImagesModule, ImagesService } from '../../../src/images/index.js';
import { Informers } from '../../../src/kubernetes/index.js';
import { FakeNodes } from '../../support/fake-nodes.js';
import { MemoryLog } from '../../support/memory-log.js';

/** The room of images in a process of its own, on a cluster without nodes. */
export interface RefreshProcess {
  readonly images: ImagesService;
  readonly menus: ImageMenus;
  readonly matrix: ImageMatrix;
  readonly log: MemoryLog;
  close(): Promise<void>;
}

export async function startRefresh(settings: Settings, clock: Clock): Promise<RefreshProcess> {
  const log = new MemoryLog();

  @Global()
  @Module({
    providers: [
      { provide: Clock, useValue: clock },
      { provide: Log, useValue: log },
      { provide: Informers, useValue: new FakeNodes().informers },
    ],
    exports: [Clock, Informers, Log],
  })
  class GroundModule {}

  const module = await Test.createTestingModule({
    imports: [GroundModule, ConfigModule.forRoot(settings), ScheduleModule.forRoot(), ImagesModule],
  }).compile();
  module.useLogger(false);
  const app = await module.init();
  return {
    images: app.get(ImagesService),
    menus: app.get(ImageMenus),
    matrix: app.get(ImageMatrix),
    log,
    close: () => app.close(),
  };
}

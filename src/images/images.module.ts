import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import { ImageCatalogue } from './image-catalogue.js';
import { ImageMatrix } from './image-matrix.js';
import { ImageMenus } from './image-menus.service.js';
import { ImageRegistry } from './image-registry.js';
import { ImageStock } from './image-stock.js';
import { wantedOf } from './image-wishes.js';
import { ImagesService } from './images.service.js';
import { repositoryOf } from './images.source.js';
import { ImagesTriggers } from './images.triggers.js';
import { NodesRepository } from './nodes.repository.js';
import { openRegistry } from './registry.open.js';

/** Needs `ScheduleModule.forRoot()`, and settings, clock, log and the cluster from global modules. */
@Module({
  providers: [
    {
      provide: ImageRegistry,
      inject: [AppSettings, Clock, Log],
      useFactory: (settings: AppSettings, clock: Clock, log: Log) => openRegistry(settings, clock, log),
    },
    {
      provide: ImageCatalogue,
      inject: [AppSettings, ImageRegistry, Clock, Log],
      useFactory: ({ images }: AppSettings, registry: ImageRegistry, clock: Clock, log: Log) =>
        new ImageCatalogue(
          { source: repositoryOf(images.source), selection: images, refreshInterval: images.refreshInterval },
          registry,
          clock,
          log,
        ),
    },
    ImageMatrix,
    ImageMenus,
    ImageStock,
    ImagesService,
    ImagesTriggers,
    NodesRepository,
  ],
  exports: [ImageMatrix, ImageMenus, ImageStock, ImagesService],
})
export class ImagesModule implements OnModuleInit {
  constructor(
    private readonly catalogue: ImageCatalogue,
    private readonly matrix: ImageMatrix,
  ) {}

  onModuleInit(): void {
    this.catalogue.onRefreshed((known) => this.matrix.want(wantedOf(known)));
  }
}

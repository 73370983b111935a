import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import { ImageCatalogue } from './image-catalogue.js';
import { ImageMatrix } from './image-matrix.js';
import { wantedOf } from './image-wishes.js';
import { ImagesService } from './images.service.js';
import { repositoryOf } from './images.source.js';
import { ImagesTriggers } from './images.triggers.js';
import { NodesRepository } from './nodes.repository.js';
import { RegistryClient } from './registry.client.js';
import { readCredentials } from './registry.credentials-file.js';

/** Needs `ScheduleModule.forRoot()`, and settings, clock, log and the cluster from global modules. */
@Module({
  providers: [
    {
      provide: RegistryClient,
      inject: [AppSettings, Clock, Log],
      useFactory: ({ images, berth }: AppSettings, clock: Clock, log: Log) =>
        new RegistryClient(
          {
            ...berth.images,
            source: repositoryOf(images.source),
            credentials: () => readCredentials(images.dockerCredentialsPath, log),
          },
          clock,
        ),
    },
    {
      provide: ImageCatalogue,
      inject: [AppSettings, RegistryClient, Clock, Log],
      useFactory: ({ images }: AppSettings, registry: RegistryClient, clock: Clock, log: Log) =>
        new ImageCatalogue(
          { source: repositoryOf(images.source), selection: images, refreshInterval: images.refreshInterval },
          registry,
          clock,
          log,
        ),
    },
    ImageMatrix,
    ImagesService,
    ImagesTriggers,
    NodesRepository,
  ],
  exports: [ImageMatrix, ImagesService],
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

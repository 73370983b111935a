import { Injectable } from '@nestjs/common';
import { ImageCatalogue } from './image-catalogue.js';
import type { CatalogueSettings, CatalogueState } from './image-catalogue.js';
import { ImageMatrix } from './image-matrix.js';
import { knownFromNodes } from './known-images.builder.js';
import type { KnownImages } from './known-images.js';

/** What is known of images, from the best source there is. */
@Injectable()
export class ImageStock {
  constructor(
    private readonly catalogue: ImageCatalogue,
    private readonly matrix: ImageMatrix,
  ) {}

  get settings(): CatalogueSettings {
    return this.catalogue.settings;
  }

  state(): CatalogueState {
    return this.catalogue.state();
  }

  /** What the registry told last, however old. Waits for the first answer, for at most 15 s. */
  told(): Promise<KnownImages | undefined> {
    return this.catalogue.known();
  }

  /** What nodes prove, for as long as the registry has told nothing. */
  proven(): KnownImages | undefined {
    return knownFromNodes(this.matrix.provenImages(this.settings.source), this.settings);
  }
}

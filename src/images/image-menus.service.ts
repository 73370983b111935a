import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { AppSettings } from '../config/index.js';
import { ImageMatrix } from './image-matrix.js';
import { ImageStock } from './image-stock.js';
import { menuOf } from './image.menu.js';
import type { ImageMenu } from './image.menu.js';
import type { CatalogueState } from './image-catalogue.js';
import type { KnownImages } from './known-images.js';

/** What can be told of images to people. */
export interface ImageOverview {
  readonly known: KnownImages | undefined;
  readonly state: CatalogueState;
  readonly isPrepulled: (digest: string) => boolean;
}

/** Which images people are offered. */
@Injectable()
export class ImageMenus {
  constructor(
    private readonly stock: ImageStock,
    private readonly matrix: ImageMatrix,
    private readonly settings: AppSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * The menus of the spawn form (contract 4.8); empty if neither the registry nor a node has told anything. Waits at most
   * 15 s for the first catalogue.
   */
  async menu(): Promise<ImageMenu> {
    const { known, isPrepulled } = await this.overview();
    if (!known) return { radio: [], dropdown: [] };
    return menuOf(known, this.settings.dropdownMenu, { now: this.clock.now(), isPrepulled });
  }

  async overview(): Promise<ImageOverview> {
    const known = (await this.stock.told()) ?? this.stock.proven();
    return {
      known,
      state: this.stock.state(),
      isPrepulled: (digest) => this.matrix.isPrepulled(digest),
    };
  }
}

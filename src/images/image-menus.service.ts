import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { inTurns } from '../common/steps.js';
import { seconds } from '../common/units.js';
import { AppSettings } from '../config/index.js';
import { ImageMatrix } from './image-matrix.js';
import { ImageStock } from './image-stock.js';
import { dropdownInSteps, radioMenu } from './image.menu.js';
import type { ImageMenu } from './image.menu.js';
import type { CatalogueState } from './image-catalogue.js';
import type { KnownImages } from './known-images.js';

/** What can be told of images to people. */
export interface ImageOverview {
  readonly known: KnownImages | undefined;
  readonly state: CatalogueState;
  readonly isPrepulled: (digest: string) => boolean;
}

/** By so much a tag may outlive its `age` in the menu. */
const MENU_KEPT = seconds(60);

/** Which images people are offered. */
@Injectable()
export class ImageMenus {
  private made:
    | {
        readonly known: KnownImages;
        readonly dropdown: Promise<ImageMenu['dropdown']>;
        readonly until: number;
      }
    | undefined;

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
    return { radio: radioMenu(known, isPrepulled), dropdown: await this.dropdown(known) };
  }

  /** Only a new catalogue and the age of images change it, and a class asks for it within seconds. */
  private dropdown(known: KnownImages): Promise<ImageMenu['dropdown']> {
    const now = this.clock.monotonic();
    if (this.made?.known === known && now < this.made.until) return this.made.dropdown;
    const steps = dropdownInSteps(known, this.settings.dropdownMenu, this.clock.now());
    const dropdown = inTurns(steps, this.clock);
    this.made = { known, dropdown, until: now + MENU_KEPT };
    return dropdown;
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

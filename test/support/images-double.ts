import { Global, Module } from '@nestjs/common';
import { ImageMenus } from '../../src/images/index.js';
import type { ImageMenu } from '../../src/images/index.js';

/** Stands where the images room would. */
export class ImagesDouble {
  offered: ImageMenu = { radio: [{ reference: 'r.example.org/lab:w_1', displayName: 'w_1' }], dropdown: [] };

  menu(): Promise<ImageMenu> {
    return Promise.resolve(this.offered);
  }

  overview(): ReturnType<ImageMenus['overview']> {
    const state = { ageMs: undefined, tags: 0, failure: undefined, retryAfterMs: undefined };
    return Promise.resolve({ known: undefined, state, isPrepulled: () => false });
  }
}

/** A module that gives `double` to whoever injects `ImageMenus`. */
export function imagesModule(double: ImagesDouble): object {
  @Global()
  @Module({ providers: [{ provide: ImageMenus, useValue: double }], exports: [ImageMenus] })
  class ImagesDoubleModule {}
  return ImagesDoubleModule;
}

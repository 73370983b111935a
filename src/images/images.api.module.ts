import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { ImagesController } from './images.controller.js';

/** The room's routes, over whichever module provides `ImageMenus`. */
@Module({})
export class ImagesApiModule {
  static over(images: Type | DynamicModule): DynamicModule {
    return { module: ImagesApiModule, imports: [images], controllers: [ImagesController] };
  }
}

import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { PrepullsController } from './prepulls.controller.js';

/** The room's routes, over whichever module provides `PrepullsService`. */
@Module({})
export class PrepullerApiModule {
  static over(prepuller: Type | DynamicModule): DynamicModule {
    return { module: PrepullerApiModule, imports: [prepuller], controllers: [PrepullsController] };
  }
}

import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { LabsController } from './labs.controller.js';
import { UserStatusController } from './user-status.controller.js';

/** The room's routes, over whichever module provides `LabsService`. */
@Module({})
export class LabsApiModule {
  static over(labs: Type | DynamicModule): DynamicModule {
    return { module: LabsApiModule, imports: [labs], controllers: [LabsController, UserStatusController] };
  }
}

import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { LabFormController } from './lab-form.controller.js';
import { LabsAdminController } from './labs-admin.controller.js';
import { LabsController } from './labs.controller.js';
import { UserStatusController } from './user-status.controller.js';

/** The room's routes, over whichever modules provide `LabsService` and the image menus. */
@Module({})
export class LabsApiModule {
  static over(labs: Type | DynamicModule, images: Type | DynamicModule): DynamicModule {
    const controllers = [LabFormController, LabsAdminController, LabsController, UserStatusController];
    return { module: LabsApiModule, imports: [labs, images], controllers };
  }
}

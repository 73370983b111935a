import { Injectable, Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';

import { KeyHolders } from '../auth/index.js';
import { FileVerification } from './file-verification.js';
import { FilesPageController } from './files-page.controller.js';
import { FileserversController } from './fileservers.controller.js';
import { FileserversService } from './fileservers.service.js';
import { FsadminController } from './fsadmin.controller.js';

/** Lets servers in that show the key we gave them. */
@Injectable()
class ServerKeyHolders {
  constructor(holders: KeyHolders, files: FileserversService) {
    holders.register((key) => files.ownerOfKey(key.reveal()));
  }
}

/** The room's routes below the API's prefix, over whichever module provides `FileserversService` and `FsadminService`. */
@Module({})
export class FileserversApiModule {
  static over(files: Type | DynamicModule): DynamicModule {
    return {
      module: FileserversApiModule,
      imports: [files],
      providers: [FileVerification, ServerKeyHolders],
      controllers: [FileserversController, FsadminController],
    };
  }
}

/** The page, which has a prefix of its own. */
@Module({})
export class FilesPageModule {
  static over(files: Type | DynamicModule): DynamicModule {
    return { module: FilesPageModule, imports: [files], controllers: [FilesPageController] };
  }
}

import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { RecordReadiness } from '../kubernetes/index.js';
import type { FileServer } from './fileserver.js';
import { FileserverView } from './fileserver.view.js';
import { FileserversAdoption } from './fileservers.adoption.js';
import { FilesNotReady } from './fileservers.errors.js';

/** Whether anything certain can be said about file servers. @throws {FilesNotReady} */
@Injectable()
export class FileserversReadiness extends RecordReadiness<FileServer> {
  constructor(view: FileserverView, adoption: FileserversAdoption, clock: Clock) {
    super(
      {
        synced: () => view.synced,
        adoption,
        confirm: (name) => view.servers.confirm(name),
        refusal: (reason) => new FilesNotReady(reason),
      },
      clock,
    );
  }
}

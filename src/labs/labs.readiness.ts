import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { RecordReadiness } from '../kubernetes/index.js';
import type { Lab } from './lab.js';
import { LabView } from './lab.view.js';
import { LabsAdoption } from './labs.adoption.js';
import { LabsNotReady } from './labs.errors.js';

/** Whether anything certain can be said about labs. @throws {LabsNotReady} @throws {MalformedLab} */
@Injectable()
export class LabsReadiness extends RecordReadiness<Lab> {
  constructor(view: LabView, adoption: LabsAdoption, clock: Clock) {
    super(
      {
        synced: () => view.synced,
        adoption,
        confirm: (name) => view.labs.confirm(name),
        refusal: (reason) => new LabsNotReady(reason),
      },
      clock,
    );
  }
}

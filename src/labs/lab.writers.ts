import { Injectable } from '@nestjs/common';

import { LabCluster } from './lab-cluster.js';
import { LabObjectsCreator } from './lab-objects.creator.js';
import { LabRecorder } from './lab.recorder.js';

/** Who writes what: objects one by one, objects in their order, the status. */
@Injectable()
export class LabWriters {
  constructor(
    readonly cluster: LabCluster,
    readonly creator: LabObjectsCreator,
    readonly recorder: LabRecorder,
  ) {}
}

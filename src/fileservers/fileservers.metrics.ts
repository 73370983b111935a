import { Injectable } from '@nestjs/common';

import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { FileServerFailed, FileServerStarted, FileServerStopped } from './fileservers.events.js';
import { FileserversService } from './fileservers.service.js';

/** Figures of the room. Lives are counted where they are brought about: on the leader. */
@Injectable()
export class FileserversMetrics {
  constructor(metrics: Metrics, bus: EventBus, files: FileserversService) {
    const ends = metrics.counter({
      name: 'berth_fileservers_operations_total',
      help: 'Operations on file servers that ended: started, failed (with its reason), stopped.',
      labelNames: ['end', 'reason'],
    });
    bus.on(FileServerStarted, () => ends.inc({ end: 'started', reason: '' }));
    bus.on(FileServerFailed, ({ reason }) => ends.inc({ end: 'failed', reason }));
    bus.on(FileServerStopped, () => ends.inc({ end: 'stopped', reason: '' }));
    metrics.gauge({
      name: 'berth_fileservers_running',
      help: 'File servers that run.',
      collect() {
        this.set(files.running().length);
      },
    });
  }
}

import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import { KeyedQueue } from '../reconcile/index.js';
import { FileserversReconciler } from './fileservers.reconciler.js';

/** The leader's queue of file servers; a run ends when a server only waits, so its width bounds the writing alone. */
@Injectable()
export class FileserversQueue extends KeyedQueue<string> {
  constructor(reconciler: FileserversReconciler, clock: Clock, log: Log, settings: AppSettings) {
    const { concurrency } = settings.berth.queue;
    super(reconciler, { name: 'fileservers', concurrency, clock, log });
  }
}

import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { KeyedQueue } from '../reconcile/index.js';
import { PrepullsReconciler } from './prepulls.reconciler.js';

/** Nodes written about at the same time; pulls take no place here, as nothing waits for them. */
const CONCURRENCY = 32;

/** The leader's queue of nodes. */
@Injectable()
export class PrepullsQueue extends KeyedQueue<string> {
  constructor(reconciler: PrepullsReconciler, clock: Clock, log: Log) {
    super(reconciler, { name: 'prepulls', concurrency: CONCURRENCY, clock, log });
  }
}

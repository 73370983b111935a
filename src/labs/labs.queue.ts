import { Injectable } from '@nestjs/common';

import { KeyedQueue } from '../reconcile/index.js';
import type { Rank } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import { queueRank } from './lab.queue.js';
import { LabView } from './lab.view.js';
import { LabsReconciler } from './labs.reconciler.js';

/** What has no record, or only that of a stopped lab, is quickly looked at. */
const WITHOUT_LAB: Rank = [-1, 0, 0, ''];

/**
 * The leader's queue of labs. A run ends when a lab only waits, so the runs under way are the labs being written:
 * the queue's width is the admission, and its order the queue that users see.
 */
@Injectable()
export class LabsQueue extends KeyedQueue<string> {
  constructor(reconciler: LabsReconciler, view: LabView, context: ActorContext) {
    const { clock, log, settings } = context;
    super(reconciler, {
      name: 'labs',
      concurrency: settings.berth.queue.concurrency,
      clock,
      log,
      rank: (name) => {
        const lab = view.labs.find(name);
        return lab ? queueRank(lab) : WITHOUT_LAB;
      },
    });
  }
}

import { Injectable } from '@nestjs/common';

import { KeyedQueue } from '../reconcile/index.js';
import type { Rank } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import { isWriting, queueRank } from './lab.queue.js';
import { LabView } from './lab.view.js';
import { LabsReconciler } from './labs.reconciler.js';

/** What has no record, or only that of a stopped lab, is quickly looked at. */
const WITHOUT_LAB: Rank = [-1, 0, 0, ''];

/** Looks at labs and single writes about them, besides the labs whose objects are being written. */
const OTHERS = 256;

/**
 * The leader's queue of labs. Its places are the admission, and its order the queue that users see: a lab takes one while
 * its objects are written, and gives it back when its pod is accepted. A run ends when a lab only waits.
 */
@Injectable()
export class LabsQueue extends KeyedQueue<string> {
  constructor(reconciler: LabsReconciler, view: LabView, context: ActorContext) {
    const { clock, log, settings } = context;
    const places = settings.berth.queue.concurrency;
    super(reconciler, {
      name: 'labs',
      concurrency: places + OTHERS,
      admission: {
        places,
        isNeeded: (name) => {
          const lab = view.labs.find(name);
          return lab !== undefined && isWriting(lab);
        },
      },
      clock,
      log,
      rank: (name) => {
        const lab = view.labs.find(name);
        return lab ? queueRank(lab) : WITHOUT_LAB;
      },
    });
  }
}

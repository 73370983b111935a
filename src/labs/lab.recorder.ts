import { Injectable } from '@nestjs/common';

import { KubernetesError } from '../kubernetes/index.js';
import type { Run } from '../reconcile/index.js';
import { ActorContext } from './actor.context.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab, LedgerEntry } from './lab.js';
import type { ObservedLab } from './lab.observed.js';
import { leastPatch, statusPatch } from './lab.patches.js';
import type { StatusPatch } from './lab.patches.js';
import { deadlineOf } from './lab.spawn.policy.js';
import { LabView } from './lab.view.js';
import { LabHindered } from './labs.events.js';
import { internalUrl } from './objects/index.js';

/** What was stored. */
export interface Recorded {
  readonly written: Lab;
  readonly added: readonly LedgerEntry[];
}

/** Answers that mostly pass by themselves: no credentials for a moment, too many requests, a server that is busy. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 409, 429, 503, 504]);
/** Tries in vain, each of them as long as a call may take, after which such an answer is told like any other. */
const PATIENCE = 3;

/** Writes the status of labs, and knows of those whose status the cluster refuses. */
@Injectable()
export class LabRecorder {
  constructor(
    private readonly view: LabView,
    private readonly context: ActorContext,
  ) {}

  /**
   * Makes `record` true; what is too large is cut to the least that says what it must.
   * @throws {KubernetesError} after telling operators and whoever waits, if it is refused: the queue tries again, ever
   * more seldom, and what a stop removes is removed all the same
   */
  async write(seen: ObservedLab, record: StatusRecord, run: Run): Promise<Recorded> {
    const memory = this.view.memory.of(seen.lab);
    try {
      const recorded = await this.fitting(seen, record, run);
      memory.recorded();
      return recorded;
    } catch (error) {
      // Without any answer the API server is away, which is told elsewhere, and stops more than this.
      if (error instanceof KubernetesError && error.status > 0) {
        const patience = error.outdated || PASSING.has(error.status) ? PATIENCE : 1;
        if (memory.notRecorded(error.apiMessage, patience)) this.tell(seen.lab, error, run);
      }
      throw error;
    }
  }

  private async fitting(seen: ObservedLab, record: StatusRecord, run: Run): Promise<Recorded> {
    const { lab } = seen;
    const now = this.context.clock.now();
    const context = {
      deadline: deadlineOf(seen),
      internalUrl: internalUrl(lab.wish, this.context.settings),
      now,
    };
    try {
      return await this.store(lab, statusPatch(lab, record, context), run);
    } catch (error) {
      if (!(error instanceof KubernetesError) || !error.tooLarge) throw error;
      const recorded = await this.store(lab, leastPatch(lab, record, context), run);
      run.log.warn('record of a lab cut, for it was too large', { lab: lab.name, error });
      return recorded;
    }
  }

  private async store(lab: Lab, { operations, added }: StatusPatch, { signal }: Run): Promise<Recorded> {
    return { written: await this.view.labs.record(lab.name, operations, signal), added };
  }

  /** Once an operation. Whoever reads the story of the lab here is told by its stream. */
  private tell(lab: Lab, error: KubernetesError, run: Run): void {
    const fields = { lab: lab.name, operation: lab.wish.operation.id, reason: 'record_refused', error };
    run.log.error('status of a lab is refused: nobody is told how it goes until it can be written', fields);
    this.context.bus.publish(new LabHindered(lab.name, 'record_refused'));
  }
}

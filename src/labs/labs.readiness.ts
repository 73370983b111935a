import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import type { Lab } from './lab.js';
import { LabView } from './lab.view.js';
import { LabsAdoption } from './labs.adoption.js';
import { LabsNotReady } from './labs.errors.js';

/** How long a request for one lab is held (design section 2). */
const HELD = seconds(45);
/** What can't be adopted in this time must not keep everybody else waiting. */
const ADOPTION_PATIENCE = seconds(60);
const LOOK_EVERY = millis(100);
const ASK_EVERY = seconds(1);

/**
 * Whether anything certain can be said about labs. Ready once caches were filled and nothing is left to adopt, and
 * for ever after: an outage of the API server must not make a Hub delete everybody.
 */
@Injectable()
export class LabsReadiness {
  private latched = false;
  private syncedAt: Millis | undefined;

  constructor(
    private readonly view: LabView,
    private readonly adoption: LabsAdoption,
    private readonly clock: Clock,
  ) {}

  get ready(): boolean {
    if (this.latched || !this.view.synced) return this.latched;
    this.syncedAt ??= this.clock.monotonic();
    const patient = this.clock.monotonic() - this.syncedAt < ADOPTION_PATIENCE;
    this.latched = !patient || this.adoption.pending().length === 0;
    return this.latched;
  }

  async whenReady(): Promise<void> {
    while (!this.ready) await this.clock.sleep(LOOK_EVERY);
  }

  /** Resolves when this lab's state is known here. @throws {LabsNotReady} after 45 s */
  async hold(name: string): Promise<void> {
    const until = this.clock.monotonic() + HELD;
    while (!this.knows(name)) {
      if (this.clock.monotonic() >= until) throw new LabsNotReady('not_synced');
      await this.clock.sleep(LOOK_EVERY);
    }
  }

  /**
   * The lab as it is now, asked again for up to 45 s while the API server does not answer.
   * @throws {LabsNotReady} @throws {MalformedLab}
   */
  async confirmed(name: string): Promise<Lab | undefined> {
    const until = this.clock.monotonic() + HELD;
    for (;;) {
      try {
        return await this.view.labs.confirm(name);
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (this.clock.monotonic() >= until) throw new LabsNotReady('unconfirmed');
      }
      await this.clock.sleep(ASK_EVERY);
    }
  }

  private knows(name: string): boolean {
    return this.view.synced && !this.adoption.isPendingFor(name);
  }
}

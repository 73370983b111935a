import { Injectable } from '@nestjs/common';

import { Clock } from '../../common/clock.js';
import { seconds } from '../../common/units.js';
import { labName } from '../lab.names.js';
import { phaseOf } from '../lab.phase.js';
import { LabView } from '../lab.view.js';
import type { CauseGroup, LabHistoryView, StatusAsker } from '../lab.views.js';
import { DeleteFailed, LabExists, UnknownUser } from '../labs.errors.js';
import { LabsReadiness } from '../labs.readiness.js';
import { causesOf } from './lab-causes.mapper.js';
import { historyOf } from './lab-history.mapper.js';

const ERASED_WITHIN = seconds(45);
const LOOK_EVERY = seconds(1);

/** What records tell when nothing runs any more: past lives, and what keeps labs from starting. */
@Injectable()
export class LabRecordsService {
  constructor(
    private readonly view: LabView,
    private readonly readiness: LabsReadiness,
    private readonly clock: Clock,
  ) {}

  /** The last ten lives; one live read, as stopped records are cached without them. @throws {UnknownUser} @throws {LabsNotReady} */
  async history(username: string, asker: StatusAsker): Promise<LabHistoryView> {
    const name = labName(username);
    await this.readiness.hold(name);
    const lab = await this.readiness.confirmed(name);
    const isTheirs = asker.uid === undefined || lab?.wish.owner.uid === asker.uid;
    if (!lab || !isTheirs || lab.beingDeleted)
      throw new UnknownUser(username, { inPath: asker.inPath ?? true });
    return historyOf(lab);
  }

  /**
   * Forgets whatever is recorded of a person. A lab that lives is not removed by the way.
   * @throws {UnknownUser} @throws {LabExists} @throws {DeleteFailed} @throws {LabsNotReady}
   */
  async erase(username: string): Promise<void> {
    const name = labName(username);
    await this.readiness.hold(name);
    const lab = await this.readiness.confirmed(name);
    if (!lab) throw new UnknownUser(username);
    const phase = phaseOf(lab);
    if (!lab.beingDeleted && (phase === 'pending' || phase === 'running')) throw new LabExists(username);
    await this.view.labs.erase(name, lab.uid);
    const until = this.clock.monotonic() + ERASED_WITHIN;
    while ((await this.readiness.confirmed(name))?.uid === lab.uid) {
      if (this.clock.monotonic() >= until) throw new DeleteFailed(username);
      await this.clock.sleep(LOOK_EVERY);
    }
  }

  /** From the cache: what keeps labs from running at the moment. */
  causes(): readonly CauseGroup[] {
    return causesOf(this.view.labs.list(), this.clock.now());
  }
}

import { Injectable } from '@nestjs/common';

import { Clock } from '../../common/clock.js';
import { seconds } from '../../common/units.js';
import { KubernetesError } from '../../kubernetes/index.js';
import type { Lab } from '../lab.js';
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
    return historyOf(lab, this.view.unheard().get(name));
  }

  /**
   * Forgets whatever is recorded of a person. A lab that lives is not removed by the way.
   * @throws {UnknownUser} @throws {LabExists} @throws {DeleteFailed} @throws {LabsNotReady}
   */
  async erase(username: string): Promise<void> {
    const name = labName(username);
    await this.readiness.hold(name);
    const first = await this.readiness.confirmed(name);
    if (!first) throw new UnknownUser(username);
    const until = this.clock.monotonic() + ERASED_WITHIN;
    for (let lab: Lab | undefined = first; lab?.uid === first.uid;) {
      if (this.clock.monotonic() >= until) throw new DeleteFailed(username);
      const isAsked = lab.beingDeleted || (await this.askToErase(lab));
      if (isAsked) await this.clock.sleep(LOOK_EVERY);
      lab = await this.readiness.confirmed(name);
    }
  }

  /** False if somebody wrote since `lab` was read: a spawn that was accepted meanwhile must not go with the record. */
  private async askToErase(lab: Lab): Promise<boolean> {
    const phase = phaseOf(lab);
    if (phase === 'pending' || phase === 'running') throw new LabExists(lab.wish.owner.username);
    try {
      const { uid, resourceVersion } = lab;
      await this.view.labs.erase(lab.name, { uid, resourceVersion });
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.verdict === 'conflict') return false;
      throw error;
    }
  }

  /** From the cache: what keeps labs from running at the moment. */
  causes(): readonly CauseGroup[] {
    return causesOf(this.view.labs.list(), this.clock.now(), this.view.unheard());
  }
}

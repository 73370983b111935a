import { Injectable } from '@nestjs/common';

import { NOBODY } from '../auth/index.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import type { Lab, LabPhase } from './lab.js';
import { labName } from './lab.names.js';
import { phaseOf } from './lab.phase.js';
import { LabView } from './lab.view.js';
import type { LabStatusView, StatusAsker } from './lab.views.js';
import { UnknownUser } from './labs.errors.js';
import { LabsReadiness } from './labs.readiness.js';
import { internalUrl } from './objects/index.js';

/** Tells the state of labs: pending and running from the cache, whatever reads like an end after a live read. */
@Injectable()
export class LabStatusService {
  constructor(
    private readonly view: LabView,
    private readonly readiness: LabsReadiness,
    private readonly settings: AppSettings,
    private readonly log: Log,
  ) {}

  /** @throws {UnknownUser} @throws {LabsNotReady} */
  async status(username: string, asker: StatusAsker): Promise<LabStatusView> {
    const name = labName(username);
    await this.readiness.hold(name);
    const cached = this.view.labs.find(name);
    const certain = cached && (isAlive(phaseOf(cached)) ? cached : undefined);
    const lab = certain && belongsTo(certain, asker) ? certain : await this.readiness.confirmed(name);
    const phase = lab && phaseOf(lab);
    if (!lab || !phase || phase === 'stopped') throw unknown(username, asker);
    if (!belongsTo(lab, asker)) {
      this.eraseFor(asker, lab);
      throw unknown(username, asker);
    }
    return this.viewOf(lab, phase);
  }

  /** @throws {LabsNotReady} */
  async list(): Promise<readonly string[]> {
    await this.readiness.holdAll();
    return this.running();
  }

  running(): readonly string[] {
    const labs = this.view.labs.list().filter((lab) => phaseOf(lab) === 'running');
    return labs.map((lab) => lab.wish.owner.username);
  }

  /**
   * A record of somebody who had the name before. Nobody waits for its end. That there is no number says nothing of a
   * new owner: the provider may just have lost it.
   */
  private eraseFor(asker: StatusAsker, lab: Lab): void {
    if (asker.uid === NOBODY) return;
    this.view.labs.erase(lab.name, { uid: lab.uid }).catch((error: unknown) => {
      this.log.warn('record of a former owner was not erased', { lab: lab.name, error });
    });
  }

  private viewOf(lab: Lab, phase: LabStatusView['phase']): LabStatusView {
    const { wish } = lab;
    const goes = phase === 'terminating' || phase === 'terminated';
    return {
      owner: wish.owner,
      image: wish.image.reference,
      size: wish.size,
      options: wish.options,
      phase,
      internalUrl: goes ? null : internalUrl(wish, this.settings),
      resources: wish.resources,
      quota: wish.quota,
    };
  }
}

const isAlive = (phase: LabPhase): boolean => phase === 'pending' || phase === 'running';

const belongsTo = (lab: Lab, asker: StatusAsker): boolean =>
  asker.uid === undefined || asker.uid === lab.wish.owner.uid;

const unknown = (username: string, asker: StatusAsker): UnknownUser =>
  new UnknownUser(username, { inPath: asker.inPath ?? true });

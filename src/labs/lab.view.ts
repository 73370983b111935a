import { Injectable } from '@nestjs/common';

import type { Lab } from './lab.js';
import type { ObservedLab } from './lab.observed.js';
import { LabWorld } from './lab-world.repository.js';
import { LabsMemory } from './labs.memory.js';
import { LabsRepository } from './labs.repository.js';

/** Everything that is known here of labs, without asking anybody. */
@Injectable()
export class LabView {
  constructor(
    readonly labs: LabsRepository,
    readonly world: LabWorld,
    readonly memory: LabsMemory,
  ) {}

  get synced(): boolean {
    return this.labs.synced && this.world.synced;
  }

  observe(lab: Lab): ObservedLab {
    const place = this.world.observe(lab);
    // Objects of ours go with their namespace, whoever deleted it.
    if (!place.namespace || place.namespace.terminating) this.memory.of(lab).forgetObjects();
    return {
      lab,
      ...place,
      requests: this.labs.requestsOf(lab.name),
      remembered: this.memory.recall(lab),
      terms: this.world.terms,
    };
  }
}

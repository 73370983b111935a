import { Injectable } from '@nestjs/common';

import type { Lab } from './lab.js';
import type { ObservedLab, Silence } from './lab.observed.js';
import { phaseOf } from './lab.phase.js';
import { LabWorld } from './lab-world.repository.js';
import { LabsMemory } from './labs.memory.js';
import { LabsRepository } from './labs.repository.js';
import { RemovalBrake } from './removal-brake.js';

/** Everything that is known here of labs, without asking anybody. */
@Injectable()
export class LabView {
  constructor(
    readonly labs: LabsRepository,
    readonly world: LabWorld,
    readonly memory: LabsMemory,
    readonly brake: RemovalBrake,
  ) {}

  get synced(): boolean {
    return this.labs.synced && this.world.synced;
  }

  observe(lab: Lab): ObservedLab {
    const place = this.world.observe(lab);
    const memory = this.memory.of(lab);
    // Objects of ours go with their namespace, whoever deleted it.
    if (!place.namespace || place.namespace.terminating) memory.forgetObjects();
    if (place.namespace?.terminating || place.pod?.deletingUntil !== undefined) memory.sawGoing = true;
    if (place.pod) this.memory.see(lab, place.pod);
    return {
      lab,
      ...place,
      requests: this.labs.requestsOf(lab.name),
      remembered: this.memory.recall(lab),
      terms: this.world.terms,
      removals: this.brake.stop ? 'stopped' : 'free',
    };
  }

  /** Labs that run as far as anybody knows, for their node is silent; by name. Remembers nothing. */
  unheard(): ReadonlyMap<string, Silence> {
    const found = new Map<string, Silence>();
    for (const { pod, silence } of this.world.silenced()) {
      for (const name of this.world.namesIn(pod.namespace)) {
        const lab = this.labs.find(name);
        const isTheirs = lab && this.world.namesOf(lab).pod === pod.name;
        if (isTheirs && phaseOf(lab) === 'running') found.set(name, silence);
      }
    }
    return found;
  }

  /** How many labs there are or seem to be. */
  get total(): number {
    return Math.max(this.labs.list().length, this.world.places().length);
  }
}

import { Injectable } from '@nestjs/common';

import { LabWorld } from './lab-world.repository.js';

/** On which nodes somebody waits for a lab to start: whoever else uses those nodes lets them go first. */
@Injectable()
export class LabSpawns {
  constructor(private readonly world: LabWorld) {}

  /** Before, nobody knows who waits. */
  get synced(): boolean {
    return this.world.synced;
  }

  /** Whether a lab's pod was given this node and its notebook has not begun to run. */
  waitOn(node: string): boolean {
    return this.world.waitingOn(node) > 0;
  }

  /** Calls back with a node's name whenever a lab's pod there changed; the returned function ends it. */
  onChange(listener: (node: string) => void): () => void {
    return this.world.onNodeChange(listener);
  }
}

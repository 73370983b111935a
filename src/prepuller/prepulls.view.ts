import { Injectable } from '@nestjs/common';
import { ImageMatrix, isPrepulled } from '../images/index.js';
import { LabSpawns } from '../labs/index.js';
import type { WantedImage } from './prepull.js';
import { wantedOf } from './prepull.mapper.js';
import type { ObservedNode } from './prepull.policy.js';
import { PrepullsMemory } from './prepulls.memory.js';
import { PrepullsRepository } from './prepulls.repository.js';

/** Everything that is known of a node, from caches alone. */
@Injectable()
export class PrepullsView {
  constructor(
    readonly matrix: ImageMatrix,
    readonly pulls: PrepullsRepository,
    readonly spawns: LabSpawns,
    readonly memory: PrepullsMemory,
  ) {}

  get synced(): boolean {
    return this.matrix.synced && this.pulls.synced && this.spawns.synced;
  }

  observe(name: string): ObservedNode {
    const row = this.matrix.row(name);
    const missing = [...(row?.images ?? [])].flatMap(([digest, { state }]) =>
      isPrepulled(state) ? [] : [digest],
    );
    return {
      name,
      uid: row?.uid,
      eligible: row?.eligible ?? false,
      wanted: this.wanted(),
      missing: new Set(missing),
      pulls: this.pulls.pullsOn(name),
      record: this.pulls.recordOf(name),
      refusals: this.memory.refusals(name),
      labWaits: this.spawns.waitOn(name),
      writableAt: this.memory.writableAt(name),
    };
  }

  wanted(): readonly WantedImage[] {
    return this.matrix.wantedImages().map(wantedOf);
  }

  /** Every node that is known, or has a pull. */
  nodes(): readonly string[] {
    const known = this.matrix.allRows().map(({ name }) => name);
    return [...new Set([...known, ...this.pulls.allPulls().map(({ node }) => node)])];
  }
}

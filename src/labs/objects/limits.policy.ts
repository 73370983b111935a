import type { LabOwner } from '../lab.js';
import type { LabObject } from './lab-objects.builder.js';

/** Why a lab would be refused by Kubernetes for its content. */
export interface LimitProblem {
  readonly reason: string;
  /** A sentence for whoever asked for the lab. */
  readonly message: string;
}

/** The first thing in these objects that the API server would refuse, before anything is written. */
export function measureLabObjects(_objects: readonly LabObject[]): LimitProblem | undefined {
  throw new Error('under construction');
}

/** What about the owner does not fit into a record or a pod: too many groups, ids out of range. */
export function measureOwner(_owner: LabOwner): LimitProblem | undefined {
  throw new Error('under construction');
}

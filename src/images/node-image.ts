import type { Bytes, Instant } from '../common/units.js';

/**
 * What is known of one image on one node (design section 6); only `present` and `proven` count as prepulled.
 *
 * - `present`: the node lists it.
 * - `proven`: our pod ran it there, and the node's list cannot say otherwise.
 * - `absent`: the node's list is complete and lacks it. Overrides an older proof, since nodes collect images.
 * - `pulling`, `failed`: what the prepuller tells.
 * - `unknown`: nobody can tell.
 */
export type ImageState = 'present' | 'proven' | 'absent' | 'pulling' | 'failed' | 'unknown';

/** Why a pull did not work: a stable word, and the sentence of whoever refused. */
export interface PullFailure {
  readonly reason: string;
  readonly message: string;
  readonly at: Instant;
}

/** What pulls have shown about one image on one node. */
export interface PullReport {
  /** `registry/repository:tag@digest`, as it was pulled. */
  readonly reference: string;
  readonly digest: string;
  /** Other tags that it is known by. */
  readonly aliases?: readonly string[] | undefined;
  /** When the node was first seen to list it, if no pod of ours had to pull it; says nothing of now. */
  readonly sightedAt?: Instant | undefined;
  /** When our pod last ran it, by the clock of the node (a container's `startedAt` or `finishedAt`). */
  readonly provenAt?: Instant | undefined;
  readonly failure?: PullFailure | undefined;
  /** A pull is under way. */
  readonly pullingSince?: Instant | undefined;
}

/** Where the prepuller brings what it knows, from the NodeImages resources and from its pods. */
export interface PullReports {
  /** Replaces everything reported of this node so far; an empty list forgets it. */
  report(node: string, reports: readonly PullReport[]): void;
}

/** One field of the matrix. */
export interface NodeImage {
  readonly state: ImageState;
  /** A stable word: where the state is known from, or why a pull failed. */
  readonly reason: string;
  /** For people; empty where the state says it all. */
  readonly message: string;
  /** Of a proof, failure or pull: when it was; else since when this process has known it. */
  readonly since: Instant;
  /** The latest proof, even if it no longer counts. */
  readonly provenAt?: Instant | undefined;
  /** As the node lists it. */
  readonly sizeBytes?: Bytes | undefined;
}

export function isPrepulled(state: ImageState): boolean {
  return state === 'present' || state === 'proven';
}

import type { Bytes, Instant, Millis } from '../common/units.js';
import type { ImageState } from '../images/index.js';

/** One field of the matrix, as operators are told. */
export interface CellView {
  readonly digest: string;
  readonly state: ImageState;
  /** A stable word: where the state is known from, or why a pull failed. */
  readonly reason: string;
  readonly message: string;
  readonly since: Instant;
  readonly provenAt: Instant | undefined;
  readonly size: Bytes | undefined;
  /** How long our own pull took. */
  readonly took: Millis | undefined;
  /** Failures in a row. */
  readonly attempts: number;
  /** When a failed pull is tried again. */
  readonly retryAt: Instant | undefined;
}

export interface NodeView {
  readonly name: string;
  readonly eligible: boolean;
  /** Why not. */
  readonly comment: string | undefined;
  /** A lab waits there for its images: no pull begins. */
  readonly labWaits: boolean;
  readonly images: readonly CellView[];
}

export interface ImageView {
  readonly reference: string;
  readonly tag: string;
  readonly name: string;
  readonly digest: string;
  readonly prepulled: boolean;
  /** The largest that a node lists. */
  readonly size: Bytes | undefined;
  /** Nodes that have it; the eligible ones that lack it. Sorted. */
  readonly nodes: readonly string[];
  readonly missing: readonly string[];
  /** How long pulls of it took, over the nodes whose pull we know. */
  readonly pulls: { readonly count: number; readonly median: Millis; readonly longest: Millis } | undefined;
}

/** Everything about prepulling at one moment. */
export interface MatrixView {
  readonly at: Instant;
  readonly images: readonly ImageView[];
  readonly nodes: readonly NodeView[];
  /** Pods under way. */
  readonly pulling: number;
}

import type { Bytes, Instant } from '../common/units.js';

export interface NodeTaint {
  readonly key: string;
  readonly effect: string;
  readonly value?: string | undefined;
}

/** What a node says of itself, as far as images on it are concerned. */
export interface ImageNode {
  readonly name: string;
  /** Another node of the same name has another, and another disk. */
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly cordoned: boolean;
  readonly ready: boolean;
  /** Undefined if the node has not told any list. */
  readonly list: NodeImageList | undefined;
}

/** `status.images` of a node, which the kubelet cuts at fifty images by default. */
export interface NodeImageList {
  /** How many images it names, those without digest included. */
  readonly length: number;
  /** By the clock of the node; undefined if it does not tell. */
  readonly reportedAt: Instant | undefined;
  /** By digest; an image that was pulled under several digests is found under each. */
  readonly sizes: ReadonlyMap<string, Bytes>;
  /** Names with a tag, by digest: all that is left of tags if the registry is down. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

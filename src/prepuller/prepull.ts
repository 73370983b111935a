import type { Instant, Millis } from '../common/units.js';

/** An image that nodes shall hold before anybody asks for it. */
export interface WantedImage {
  /** What it is; two tags of one digest are one image. */
  readonly digest: string;
  readonly tag: string;
  /** Other tags that mean it. */
  readonly aliases: readonly string[];
  /** `registry/repository:tag@digest`: what a pod is told to run. */
  readonly reference: string;
  /** Whose bandwidth a pull takes: host, with port if there is one. */
  readonly registry: string;
}

/** Why a pull did not come to its end; one word for log, metric, Event, `NodeImages` and API. */
export type PullFailureReason =
  /** The registry refuses to give it. */
  | 'pull_denied'
  /** The registry does not have it. */
  | 'image_missing'
  /** No image can have that name. */
  | 'image_invalid'
  /** The node has no room for it. */
  | 'disk_full'
  /** No answer from the registry, or none that makes sense. */
  | 'registry_unreachable'
  /** The registry asks for patience. */
  | 'rate_limited'
  /** Neither success nor failure within `images.prepullTimeout`. */
  | 'pull_timed_out'
  /** The kubelet has no place for another pod. */
  | 'node_full'
  /** The API server does not let us create the pod: a quota, an admission rule. */
  | 'pod_refused'
  /** Somebody else's pod has the name that ours would have. */
  | 'name_taken'
  /** Anything else; the message tells. */
  | 'pull_failed';

/** How a pull ended. */
export type PullEnd =
  | {
      readonly kind: 'proven';
      /** By the node's own clock. */
      readonly at: Instant;
      /** From the kubelet taking the pod on to the start of its container, to the second; undefined if it did not say. */
      readonly took: Millis | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: PullFailureReason; readonly message: string };

/** One of our pods, as the cluster has it. */
export interface Pull {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly digest: string;
  readonly reference: string;
  readonly createdAt: Instant;
  /** Undefined while it is under way. */
  readonly end: PullEnd | undefined;
  readonly isBeingDeleted: boolean;
}

interface Known {
  readonly digest: string;
  /** As it is wanted, or was when it was last. */
  readonly reference: string;
  /** Other tags by which it is known: a lab can be started by any of them while the registry is down. */
  readonly aliases: readonly string[];
  /** When it was proven, by the node's clock; of all others, when it was noticed. */
  readonly at: Instant;
  /** UID of the pod that it was learnt from; undefined if none came into being. */
  readonly pod: string | undefined;
}

export interface Proof extends Known {
  readonly state: 'proven';
  readonly took: Millis | undefined;
}

export interface Failure extends Known {
  readonly state: 'failed';
  readonly reason: PullFailureReason;
  readonly message: string;
  /** The first of the failures in a row. */
  readonly since: Instant;
  /** Failures in a row. */
  readonly attempts: number;
}

/** The node had it before we could pull it. Kept for its names, which no node tells; whether it is there still, the node tells. */
export interface Sighting extends Known {
  readonly state: 'listed';
}

/** What is kept of one image on one node. */
export type Finding = Proof | Failure | Sighting;

/** What is kept of one node: its `NodeImages`. */
export interface NodeRecord {
  readonly node: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** UID of the node that it was made for; another node of that name has another disk. */
  readonly nodeUid: string | undefined;
  readonly findings: readonly Finding[];
}

import type { Instant, Millis } from '../common/units.js';
import type { Pace, Telling } from './lab.ledger.js';
import type { Lab, Quantities } from './lab.js';

/** Whose a user's namespace is, seen from one lab. */
export type NamespaceOwner =
  /** Made or adopted for the lab's current operation. */
  | 'this_operation'
  /** Ours, made for an earlier operation or an earlier record: may be removed. */
  | 'remains'
  /** A Nublado controller's, marked by nobody. */
  | 'nublado'
  /** Somebody else's, or another instance's: never touched. */
  | 'foreign';

export interface ObservedNamespace {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: Instant;
  readonly terminating: boolean;
  readonly owner: NamespaceOwner;
}

/** How a container is, by its own state; the pod's phase says nothing about it. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  /** Why it waits or ended. */
  readonly reason: string;
  readonly message: string;
  readonly exitCode?: number | undefined;
  readonly startedAt?: Instant | undefined;
  readonly ready: boolean;
  readonly restarts: number;
  /** The end before the present state, with the container's last words. */
  readonly lastEnd?:
    { readonly reason: string; readonly message: string; readonly exitCode: number } | undefined;
}

export interface ObservedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: Instant;
  /** Our mark; absent on pods that another controller made. */
  readonly operation: string | undefined;
  /** When its grace is over, if it is being deleted. */
  readonly deletingUntil: Instant | undefined;
  readonly node: string | undefined;
  /** The kubelet says that nothing in it will run again. */
  readonly over: boolean;
  readonly overReason: string;
  readonly overMessage: string;
  /** The scheduler's words, while it finds no node. */
  readonly unschedulable: string | undefined;
  /** The scheduler's words, while something holds the pod back from it. */
  readonly gated: string | undefined;
  /** Who is ending it, in one word of Kubernetes and in more: its condition `DisruptionTarget`. */
  readonly disruption: { readonly reason: string; readonly message: string } | undefined;
  readonly notebook: ObservedContainer | undefined;
  readonly inits: readonly ObservedContainer[];
}

/** Can the node tell us about its pods? */
export type NodeState = 'ready' | 'not_ready' | 'gone';

/** A node of which nobody hears, so that nobody knows how its labs are. */
export interface Silence {
  readonly node: string;
  readonly since: Instant;
}

export interface ObservedRequest {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labUid: string;
  readonly operation: string;
  readonly createdAt: Instant;
}

/** What befell one container last, as far as it can only be known by looking twice. */
export interface Setback {
  /** Its reason code. */
  readonly code: string;
  /** Since when the container has been in it, as far as this process saw. */
  readonly since: Instant;
  /** The container is still in it. */
  readonly stands: boolean;
  /** How often the container got into it. */
  readonly times: number;
  /** A kubelet said that it backed off from it. */
  readonly backedOff: boolean;
}

/** What leads to a lab, and whom it lets in. Not the lab itself: missing, it is made again. */
export type NetworkKind = 'Service' | 'NetworkPolicy';

/** What the leader remembers of the operation it works on. Lost at a restart, without harm. */
export interface Remembered {
  /** Every object was created in this process's life. */
  readonly allCreated: boolean;
  /** Why the objects can't be made, once that is certain. */
  readonly refusal: Telling | undefined;
  /** UIDs whose deletion was asked for, and may not show yet. */
  readonly deletions: ReadonlySet<string>;
  /** Details that arose: pod events and waits, in order. Some may be told already. */
  readonly details: readonly Telling[];
  /** What was made again, successfully or not, and is not to be made again before. */
  readonly restored: ReadonlyMap<NetworkKind, Instant>;
  readonly pace: Pace;
  /** This process saw that pod or namespace were being deleted. */
  readonly sawGoing: boolean;
  /** Why pod or namespace were being deleted, if the pod said so. */
  readonly goingBecause: Telling | undefined;
  /** What befell each container last, by `placeOf`. */
  readonly setbacks: ReadonlyMap<string, Setback>;
  /** What was refused is tried again then; 0 if nothing was. */
  readonly retryAt: Instant;
  /** When this process first looked at the operation. */
  readonly since: Instant;
}

/** The operator's terms, as far as decisions depend on them. */
export interface Terms {
  readonly spawnTimeout: Millis;
  readonly deleteTimeout: Millis;
  /** What a failed spawn left is removed after this long. */
  readonly failedKept: Millis;
  /** `tcp`: a lab is complete when its port answers. */
  readonly readiness: 'off' | 'tcp';
}

/** Everything a decision about one lab depends on. */
export interface ObservedLab {
  readonly lab: Lab;
  readonly namespace: ObservedNamespace | undefined;
  readonly pod: ObservedPod | undefined;
  readonly node: NodeState | undefined;
  /** The most of each resource that an empty node has, be it of different nodes; undefined while none is known. */
  readonly largestNode: Quantities | undefined;
  /** What the namespace lacks. */
  readonly missing: readonly NetworkKind[];
  /** Request Secrets of this lab's key, of any operation. */
  readonly requests: readonly ObservedRequest[];
  readonly remembered: Remembered;
  readonly terms: Terms;
  /** `stopped`: nothing is removed that nobody asked to remove. */
  readonly removals: 'free' | 'stopped';
}

/** A lab, and what stands in its place. */
export type LabStand = Pick<ObservedLab, 'lab' | 'namespace' | 'pod'>;

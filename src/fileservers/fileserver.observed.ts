import type { Telling } from '../common/ledger.js';
import type { Instant, Millis } from '../common/units.js';
import type { FileServer } from './fileserver.js';

/** Whose an object is, seen from one server. */
export type PartOwner =
  /** Made or marked for the server's current operation. */
  | 'mine'
  /** Ours, made for an earlier operation or an earlier record: may be removed. */
  | 'remains'
  /** A Nublado controller's, marked by nobody. */
  | 'nublado'
  /** Somebody else's, or another instance's: never touched. */
  | 'foreign';

export interface ObservedPart {
  readonly uid: string;
  readonly owner: PartOwner;
  readonly deleting: boolean;
}

export interface ObservedJob extends ObservedPart {
  /** Over, and how; undefined while it may still run. */
  readonly finished: 'complete' | 'failed' | undefined;
  /** Its server asks us whose credentials it is shown; one that does not must only be reached through Gafaelfawr. */
  readonly asks: boolean;
}

/** How a server's container is, and what stands in its pod's way. */
export interface ObservedServerPod {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: Instant;
  /** Where it is, or will be. */
  readonly node: string | undefined;
  /** When its grace is over, if it is being deleted. */
  readonly deletingUntil: Instant | undefined;
  readonly ready: boolean;
  readonly over: boolean;
  readonly overReason: string;
  readonly overMessage: string;
  readonly unschedulable: string | undefined;
  readonly container: {
    readonly image: string;
    readonly state: 'waiting' | 'running' | 'terminated';
    readonly reason: string;
    readonly message: string;
    readonly exitCode: number | undefined;
  };
}

/** Whether requests find their way to the server, as whoever publishes it says. */
export interface Reach {
  readonly open: boolean;
  /** Why not, in the publisher's words if it has any. */
  readonly why: string;
}

/** What the leader remembers of the operation it works on. Lost at a restart, without harm. */
export interface Remembered {
  readonly claimsMade: boolean;
  readonly keyMade: boolean;
  readonly claimsCleared: boolean;
  readonly keyCleared: boolean;
  /** Why an object can't be made, once that is certain. */
  readonly refusal: Telling | undefined;
  /** What pod events and refusals told, in order. Some may be told already. */
  readonly details: readonly Telling[];
  /** UIDs whose deletion was asked for, and may not show yet. */
  readonly deletions: ReadonlySet<string>;
  /** When the status was written last by this process. */
  readonly wroteAt: Instant | undefined;
  /** When to ask why the Job has no pod. */
  readonly askAt: Instant;
}

/** The operator's terms, as far as decisions depend on them. */
export interface Terms {
  readonly creationTimeout: Millis;
  /** Some mounted volume is a claim. */
  readonly hasClaims: boolean;
  /** The server must ask us whose credentials it is shown. */
  readonly hasKey: boolean;
}

/** Everything a decision about one server depends on. */
export interface ObservedServer {
  readonly server: FileServer;
  readonly job: ObservedJob | undefined;
  readonly service: ObservedPart | undefined;
  readonly route: ObservedPart | undefined;
  /** Made by Gafaelfawr of our route, and still there. */
  readonly derivedRoute: boolean;
  readonly pod: ObservedServerPod | undefined;
  /** The state of the pod's node; `not_ready` may also be alive and merely silent. */
  readonly node: 'ready' | 'not_ready' | 'gone' | undefined;
  readonly reach: Reach;
  readonly remembered: Remembered;
  readonly terms: Terms;
}

/** Requests arrive, and somebody answers them. */
export const isReachable = ({ pod, service, route, reach }: ObservedServer): boolean =>
  pod?.ready === true &&
  pod.deletingUntil === undefined &&
  service !== undefined &&
  route !== undefined &&
  reach.open;

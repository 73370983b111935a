import type { Millis } from '../common/units.js';
import type { RequestObserver } from './call.js';

export interface LeaseOptions {
  readonly name: string;
  /** Default: the namespace of the connection. */
  readonly namespace?: string;
  /** Tells processes apart; two lives of one process must differ. */
  readonly identity: string;
  /** Others may take the lease after seeing it unchanged this long. Default 30 s. */
  readonly duration?: Millis;
  /** The leader stops leading when its last success is this old. Plus the 10 s of a call it is below `duration`. Default 15 s. */
  readonly renewDeadline?: Millis;
  /** Between renewals, and between a follower's looks. Default 5 s and 2 s. */
  readonly renewEvery?: Millis;
  readonly lookEvery?: Millis;
}

/** How to reach the cluster. Given by `src/config`. */
export interface KubernetesOptions {
  /** Paths as in `KUBECONFIG`. Default: as kubectl looks for it, then the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig; default its current one. */
  readonly context?: string | undefined;
  /** Our version, for the user agent `berth/<version>`. */
  readonly version: string;
  /** Requests a second, and how many may come at once after a pause. Default 1,000 and 1,000. */
  readonly rate?: number | undefined;
  readonly burst?: number | undefined;
  /** Connections kept for requests, and so requests under way. Default 32. */
  readonly connections?: number | undefined;
  readonly observer?: RequestObserver | undefined;
  readonly lease: LeaseOptions;
}

/** Where the cluster is and who we are to it. */
export abstract class KubeConnection {
  /** The API server's address, without a trailing slash. */
  abstract readonly server: string;
  /** Our own: of the pod, else of the kubeconfig's context. */
  abstract readonly namespace: string;
  /** The address is on this machine. */
  abstract readonly onLoopback: boolean;
}

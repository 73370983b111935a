import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import type { Turns } from '../common/turns.js';
import type { Millis } from '../common/units.js';
import type { RequestObserver } from './call.js';
import { CredentialSource } from './credentials.js';
import { KubeconfigError, loadConfig } from './kubeconfig.js';
import type { ConfigSource } from './kubeconfig.js';

/** The Lease of every Berth; its namespace tells instances apart. */
export const LEASE_NAME = 'berth';

export interface LeaseOptions {
  readonly name: string;
  /** Default: the namespace of the connection. */
  readonly namespace?: string | undefined;
  /** Tells processes apart; two lives of one process must differ. */
  readonly identity: string;
  /** Others may take the lease after seeing it unchanged this long. Default 30 s. */
  readonly duration?: Millis | undefined;
  /** The leader stops leading when its last success is this old. Plus the 10 s of a call it is below `duration`. Default 15 s. */
  readonly renewDeadline?: Millis | undefined;
  /** Between renewals. Default 5 s. */
  readonly renewEvery?: Millis | undefined;
  /** Between a follower's looks. Default 2 s. */
  readonly lookEvery?: Millis | undefined;
}

/** How to reach the cluster. Given by `src/config`. */
export interface KubernetesOptions extends ConfigSource {
  /** Our version, for the user agent `berth/<version> (<namespace>)`: an audit log tells instances apart by it. */
  readonly version: string;
  /** Requests a second, and how many may come at once after a pause. Default 1,000 and 1,000. */
  readonly rate?: number | undefined;
  readonly burst?: number | undefined;
  /** Connections kept for requests, and so requests under way. Default 32. */
  readonly connections?: number | undefined;
  readonly observer?: RequestObserver | undefined;
  /** Shared with whatever else uses the event loop; default its own. */
  readonly turns?: Turns | undefined;
  readonly lease: LeaseOptions;
}

/** Where the cluster is and who we are to it. */
export class KubeConnection {
  private constructor(
    /** The API server's address, without a trailing slash. */
    readonly server: string,
    /** Our own: of the pod, else of the kubeconfig's context, else `default`. */
    readonly namespace: string,
    readonly credentials: CredentialSource,
    readonly proxy: string | undefined,
  ) {}

  /** The address is on this machine. */
  get onLoopback(): boolean {
    const { hostname } = new URL(this.server);
    return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  }

  /** Throws `KubeconfigError` when there is nothing usable. Sends nothing. */
  static async load(source: ConfigSource, clock: Clock, log: Log): Promise<KubeConnection> {
    const loaded = await loadConfig(source);
    const { cluster, context } = loaded;
    if (!URL.canParse(cluster.server)) {
      throw new KubeconfigError(`the API server's address '${cluster.server}' is not a URL`);
    }
    if (cluster.proxyUrl?.startsWith('socks')) {
      throw new KubeconfigError('a SOCKS proxy in the kubeconfig is not supported; HTTP proxies are');
    }
    return new KubeConnection(
      cluster.server.replace(/\/+$/, ''),
      context.namespace?.trim() ?? 'default',
      new CredentialSource(loaded, source, clock, log),
      cluster.proxyUrl,
    );
  }
}

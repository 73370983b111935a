import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../config/index.js';
import type { Log } from '../common/logger.js';
import type { AccessRule, Role } from '../http/index.js';
import type { Bytes, MilliCpu } from '../common/units.js';

export interface Group {
  readonly name: string;
  readonly id: number;
}

/** What labs of a user may use, and whether there may be any. */
export interface NotebookQuota {
  readonly cpu: MilliCpu;
  readonly memory: Bytes;
  readonly spawn: boolean;
}

/** What the identity provider says about a person. Facts it does not state are absent, never guessed. */
export interface UserInfo {
  readonly username: string;
  readonly name: string | null;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly groups: readonly Group[];
  readonly quota?: NotebookQuota | undefined;
}

/** What a request shows of its sender. */
export interface Visitor {
  readonly headers: IncomingHttpHeaders;
  /** Address at the other end of the connection: the proxy's, where there is one. */
  readonly peer: string;
}

/** Who a request came from. */
export interface Caller {
  /** Absent where the ingress alone decided that the call may be made. */
  readonly username: string | undefined;
  readonly roles: ReadonlySet<Role>;
  /** Configuration names this caller as a hub: it may act for others. An ingress's word is not enough for that. */
  readonly actsForOthers: boolean;
  /** The caller's own credential, to be handed to nobody but the provider and the lab's Secret. */
  readonly token: Secret | undefined;
}

/** The number of no user that has a lab or files: root has neither. */
export const NOBODY = 0;

/** A user as a hub names them in a request. */
export interface NamedUser {
  readonly username: string;
  readonly token: Secret | undefined;
}

/** A name and a password as a WebDAV client sends them. */
export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** A described person, and the credential their lab gets. */
export interface Described {
  readonly user: UserInfo;
  readonly token: Secret;
}

/** Says who callers are. One implementation for each kind of platform; `docs/` lists them. */
export abstract class IdentityProvider {
  /**
   * Who asks, from what the request shows; `rule` is the route's, so that a role that costs a question is only
   * looked at where it matters.
   * @throws {ClientError} if the request shows nothing, or something that is not believed
   */
  abstract recognise(visitor: Visitor, rule: AccessRule): Promise<Caller>;

  /**
   * The facts about the caller, checked against their credential (contract 2.2, full user check).
   * @throws {InvalidToken} @throws {PermissionDenied} if the credential is somebody else's
   * @throws {IdentityUnavailable}
   */
  abstract describe(caller: Caller): Promise<Described>;

  /** The facts about a user whom a hub names. The provider states them, not the hub. @throws as `describe` */
  abstract describeNamed(named: NamedUser): Promise<Described>;

  /**
   * Whose files these credentials open, asked of the provider each time; undefined if they open nobody's.
   * @throws {IdentityUnavailable}
   */
  abstract ownerOf(credentials: Credentials): Promise<string | undefined>;

  /**
   * The caller's user number, for routes where their name alone admits them: a name may have been somebody else's
   * before. `NOBODY` if the provider knows the caller and no number of theirs; undefined if the request shows no
   * credential, or the provider gives no answer within two seconds.
   * @throws {InvalidToken} @throws {PermissionDenied} if the credential is somebody else's
   */
  abstract uidOf(caller: Caller): Promise<number | undefined>;

  /** Says at start what the configuration leaves to others. */
  abstract announce(log: Log): void;
}

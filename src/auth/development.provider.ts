import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Log } from '../common/logger.js';
import { AppSettings, Secret } from '../config/index.js';
import type { DevelopmentUser } from '../config/index.js';
import type { Role } from '../http/index.js';
import { InvalidToken, PermissionDenied } from './auth.errors.js';
import { bearerOf } from './bearer.js';
import { IdentityProvider } from './identity.js';
import type { Caller, Credentials, Described, NamedUser, UserInfo, Visitor } from './identity.js';

/** Users that stand in the configuration, told apart by their bearer tokens. For the embedded cluster. */
@Injectable()
export class DevelopmentProvider extends IdentityProvider {
  private readonly users: readonly DevelopmentUser[];
  /** By hash: a look-up then tells nothing of a token by its time, and costs the same for a thousand users. */
  private readonly byToken: ReadonlyMap<string, DevelopmentUser>;
  private readonly byName: ReadonlyMap<string, DevelopmentUser>;

  constructor(settings: AppSettings) {
    super();
    this.users = settings.berth.auth.development.users;
    // Of two users with one token or name the first counts.
    const backwards = [...this.users].reverse();
    this.byToken = new Map(backwards.map((user) => [hashed(user.token), user]));
    this.byName = new Map(backwards.map((user) => [user.username, user]));
  }

  recognise(visitor: Visitor): Promise<Caller> {
    const token = bearerOf(visitor);
    const user = token === undefined ? undefined : this.byToken.get(hashed(token));
    if (user === undefined) return Promise.reject(new InvalidToken());
    return Promise.resolve({
      username: user.username,
      token: new Secret(user.token),
      actsForOthers: user.roles.includes('hub'),
      roles: new Set<Role>(['anonymous', ...user.roles]),
    });
  }

  describe(caller: Caller): Promise<Described> {
    return this.described(caller.username);
  }

  describeNamed(named: NamedUser): Promise<Described> {
    return this.described(named.username);
  }

  ownerOf({ username, password }: Credentials): Promise<string | undefined> {
    const user = this.byToken.get(hashed(password.reveal()));
    const opens = user?.username === username && user.roles.includes('user');
    return Promise.resolve(opens ? username : undefined);
  }

  uidOf(caller: Caller): Promise<number | undefined> {
    return Promise.resolve(this.named(caller.username)?.uid);
  }

  announce(log: Log): void {
    log.warn('users come from the configuration: for development only', { users: this.users.length });
  }

  private described(username: string | undefined): Promise<Described> {
    const user = this.named(username);
    if (user === undefined) return Promise.reject(new PermissionDenied());
    return Promise.resolve({ user: toInfo(user), token: new Secret(user.token) });
  }

  private named(username: string | undefined): DevelopmentUser | undefined {
    return username === undefined ? undefined : this.byName.get(username);
  }
}

const toInfo = ({ username, name, uid, gid, groups, quota }: DevelopmentUser): UserInfo => ({
  username,
  name: name ?? null,
  uid,
  gid,
  groups,
  quota,
});

const hashed = (text: string): string => createHash('sha256').update(text).digest('base64');

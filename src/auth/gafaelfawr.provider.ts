import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { seconds } from '../common/units.js';
import type { Log } from '../common/logger.js';
import { AppSettings, Secret } from '../config/index.js';
import type { AuthSettings } from '../config/index.js';
import { InvalidRequest } from '../http/index.js';
import type { AccessRule, Role } from '../http/index.js';
import { IdentityUnavailable, InvalidToken, PermissionDenied } from './auth.errors.js';
import { GafaelfawrClient } from './gafaelfawr.client.js';
import { IdentityProvider, NOBODY } from './identity.js';
import type { Caller, Credentials, Described, NamedUser, UserInfo, Visitor } from './identity.js';
import { ProxyTrust } from './proxy-trust.js';
import { TokenCache } from './token-cache.js';

const USER_HEADER = 'x-auth-request-user';
const TOKEN_HEADER = 'x-auth-request-token';
/** Where a hub's request for somebody has their token. */
const NAMED_TOKEN = ['body', 'user', 'token'] as const;
/** For a fact without which the contract's routes do as well (2.2, header only). */
const UID_WITHIN = seconds(2);

/**
 * Believes the headers that Gafaelfawr's ingress adds (contract 2.2). Where the configuration names no hub or no
 * administrators, the ingress decides by path who may be one, as it does for the Nublado controller.
 */
@Injectable()
export class GafaelfawrProvider extends IdentityProvider {
  private readonly auth: AuthSettings;
  private readonly filesScope: string;
  private readonly trust: ProxyTrust;
  private readonly known: TokenCache<UserInfo>;

  constructor(
    settings: AppSettings,
    private readonly clock: Clock,
    private readonly client: GafaelfawrClient,
  ) {
    super();
    this.auth = settings.berth.auth;
    this.filesScope = settings.berth.fileservers.scope;
    this.trust = new ProxyTrust({
      proxySecret: settings.proxySecret,
      trustedProxies: this.auth.trustedProxies,
    });
    this.known = new TokenCache(clock);
  }

  async recognise(visitor: Visitor, rule: AccessRule): Promise<Caller> {
    if (!this.trust.believes(visitor))
      throw new PermissionDenied('This request did not come through the proxy');
    const username = header(visitor, USER_HEADER);
    const token = header(visitor, TOKEN_HEADER);
    // A route for users lies behind another ingress, which has not asked whether they are a hub.
    const ingressDecides = this.auth.hubUsers.length === 0 && !rule.roles.includes('user');
    const named = username !== undefined && this.auth.hubUsers.includes(username);
    const caller: Caller = {
      username,
      token: token === undefined ? undefined : new Secret(token),
      actsForOthers: named,
      roles: new Set<Role>([
        'anonymous',
        ...(username === undefined ? [] : (['user'] as const)),
        ...(named || ingressDecides ? (['hub'] as const) : []),
      ]),
    };
    if (!rule.roles.includes('admin') || !(await this.isAdmin(caller))) return this.nonEmpty(caller, rule);
    return { ...caller, roles: new Set([...caller.roles, 'admin']) };
  }

  async describe(caller: Caller): Promise<Described> {
    const { username, token } = caller;
    if (username === undefined) throw InvalidRequest.missingHeaders(USER_HEADER);
    if (token === undefined) throw InvalidRequest.missingHeaders(TOKEN_HEADER);
    return this.described(username, token);
  }

  async describeNamed({ username, token }: NamedUser): Promise<Described> {
    if (token === undefined) {
      const missing = { type: 'missing', msg: 'Field required', input: null } as const;
      throw new InvalidRequest([{ ...missing, loc: NAMED_TOKEN }]);
    }
    try {
      return await this.described(username, token);
    } catch (error) {
      throw error instanceof InvalidToken ? new InvalidToken(NAMED_TOKEN) : error;
    }
  }

  /** Not from the cache: a token that was revoked must not live longer than whoever asks remembers it. */
  async ownerOf({ username, password }: Credentials): Promise<string | undefined> {
    const token = await this.client.tokenInfo(password);
    const opens = token?.username === username && token.scopes.includes(this.filesScope);
    return opens ? username : undefined;
  }

  async uidOf({ username, token }: Caller): Promise<number | undefined> {
    if (username === undefined || token === undefined) return undefined;
    const asked = this.described(username, token).then(({ user }) => user.uid ?? NOBODY, unlessSilent);
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(UID_WITHIN, () => resolve(undefined));
      asked.then(resolve, reject).finally(cancel);
    });
  }

  announce(log: Log): void {
    if (this.auth.hubUsers.length === 0)
      log.info('the ingress decides who is a hub', { set: 'berth.auth.hubUsers' });
    if (this.adminsUnnamed) log.info('the ingress decides who is an admin', { set: 'berth.auth.adminUsers' });
    if (this.trust.demandsNothing) {
      log.warn('user headers are believed from every address', {
        set: 'berth.auth.proxySecret or berth.auth.trustedProxies',
      });
    }
  }

  private get adminsUnnamed(): boolean {
    return this.auth.adminUsers.length === 0 && this.auth.adminGroups.length === 0;
  }

  private async isAdmin(caller: Caller): Promise<boolean> {
    if (this.adminsUnnamed) return true;
    if (caller.username === undefined) return false;
    if (this.auth.adminUsers.includes(caller.username)) return true;
    if (this.auth.adminGroups.length === 0 || caller.token === undefined) return false;
    const { user } = await this.described(caller.username, caller.token);
    return user.groups.some((group) => this.auth.adminGroups.includes(group.name));
  }

  /** A request without a user, where a user is needed, lacks a header rather than a permission. */
  private nonEmpty(caller: Caller, { roles, check }: AccessRule): Caller {
    if (caller.username !== undefined || roles.some((role) => caller.roles.has(role))) return caller;
    const tokenToo = check === 'full' && caller.token === undefined;
    throw InvalidRequest.missingHeaders(USER_HEADER, ...(tokenToo ? [TOKEN_HEADER] : []));
  }

  private async described(username: string, token: Secret): Promise<Described> {
    const user = await this.known.get(token, () => this.client.userInfo(token));
    if (user.username !== username) throw new PermissionDenied();
    return { user, token };
  }
}

/** A provider that is away says nothing about anybody; one that refuses the credential does. */
function unlessSilent(error: unknown): undefined {
  if (!(error instanceof IdentityUnavailable)) throw error;
}

function header({ headers }: Visitor, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

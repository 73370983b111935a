import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { getJson } from '../common/get-json.js';
import { AppSettings } from '../config/index.js';
import type { Secret } from '../config/index.js';
import { DiscoveryClient } from '../discovery/index.js';
import { IdentityUnavailable, InvalidToken } from './auth.errors.js';
import type { UserInfo } from './identity.js';
import { toTokenInfo, toUserInfo } from './user-info.mapper.js';
import type { TokenInfo } from './user-info.mapper.js';

/** What no header can carry is no token, and would break the request rather than be refused. */
const HEADER_SAFE = /^[\x21-\x7e]{1,4096}$/;

/** Asks Gafaelfawr who a token belongs to (contract 11.3). */
@Injectable()
export class GafaelfawrClient {
  constructor(
    private readonly settings: AppSettings,
    private readonly clock: Clock,
    private readonly discovery: DiscoveryClient,
  ) {}

  /** @throws {InvalidToken} on 401 and 403, and on what no token can be @throws {IdentityUnavailable} on anything else that is no answer */
  async userInfo(token: Secret): Promise<UserInfo> {
    try {
      return toUserInfo(await this.ask('user-info', token));
    } catch (error) {
      if (error instanceof InvalidToken) throw error;
      throw new IdentityUnavailable(error);
    }
  }

  /** Whose a token is and what it allows; undefined for one that is nobody's. @throws {IdentityUnavailable} */
  async tokenInfo(token: Secret): Promise<TokenInfo | undefined> {
    try {
      return toTokenInfo(await this.ask('token-info', token));
    } catch (error) {
      if (error instanceof InvalidToken) return undefined;
      throw new IdentityUnavailable(error);
    }
  }

  private async ask(what: 'user-info' | 'token-info', token: Secret): Promise<unknown> {
    if (!HEADER_SAFE.test(token.reveal())) throw new InvalidToken();
    const base =
      this.settings.berth.auth.gafaelfawrUrl ?? (await this.discovery.serviceUrl('gafaelfawr', 'v1'));
    const authorization = `Bearer ${token.reveal()}`;
    const url = `${base.replace(/\/+$/, '')}/${what}`;
    const { status, body } = await getJson(this.clock, url, { authorization });
    if (status === 200) return body;
    if (status === 401 || status === 403) throw new InvalidToken();
    throw new Error(`${what} answered ${String(status)}`);
  }
}

import { Injectable } from '@nestjs/common';
import { request } from 'undici';
import { AppSettings } from '../config/index.js';
import type { Secret } from '../config/index.js';
import { DiscoveryClient } from '../discovery/index.js';
import { IdentityUnavailable, InvalidToken } from './auth.errors.js';
import type { UserInfo } from './identity.js';
import { toUserInfo } from './user-info.mapper.js';

/** For connecting and for each silence of the answer; the contract's general client waits 20 s. */
const TIMEOUT_MS = 20_000;

/** Asks Gafaelfawr who a token belongs to (contract 11.3). */
@Injectable()
export class GafaelfawrClient {
  constructor(
    private readonly settings: AppSettings,
    private readonly discovery: DiscoveryClient,
  ) {}

  /** @throws {InvalidToken} on 401 and 403 @throws {IdentityUnavailable} on anything else that is no answer */
  async userInfo(token: Secret): Promise<UserInfo> {
    try {
      return toUserInfo(await this.ask(token));
    } catch (error) {
      if (error instanceof InvalidToken) throw error;
      throw new IdentityUnavailable(error);
    }
  }

  private async ask(token: Secret): Promise<unknown> {
    const base =
      this.settings.berth.auth.gafaelfawrUrl ?? (await this.discovery.serviceUrl('gafaelfawr', 'v1'));
    const { statusCode, body } = await request(`${base.replace(/\/+$/, '')}/user-info`, {
      headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    if (statusCode === 200) return body.json();
    await body.dump();
    if (statusCode === 401 || statusCode === 403) throw new InvalidToken();
    throw new Error(`user-info answered ${statusCode}`);
  }
}

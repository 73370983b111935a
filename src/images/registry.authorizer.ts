import { z } from 'zod';
import { Clock } from '../common/clock.js';
import { parseChallenges } from './registry.challenge.js';
import type { Challenge } from './registry.challenge.js';
import { basicAuthorization, findCredentials } from './registry.credentials.js';
import type { Credentials, CredentialStore } from './registry.credentials.js';
import { RegistryError } from './registry.error.js';
import type { RegistryFailure } from './registry.error.js';
import { isRealmAllowed } from './registry.hosts.js';
import type { RegistryHostSettings } from './registry.hosts.js';
import { parseJson } from './registry.json.js';
import { RegistryTransport } from './registry.transport.js';
import type { RegistryAnswer } from './registry.transport.js';

export interface AuthorizerSettings extends RegistryHostSettings {
  readonly registry: string;
  /** Asked for a token if the registry does not say for what one is needed. */
  readonly scope: string;
  /** Read whenever credentials are needed, so that rotated ones are found. */
  readonly credentials: () => Promise<CredentialStore>;
}

interface Grant {
  /** Value of the `Authorization` header. */
  readonly value: string;
  /** On the monotonic clock. */
  readonly until: number;
}

/** Docker's token protocol (distribution, "Token Authentication Specification"). */
const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
});

const TOKEN_LIMIT_BYTES = 256 * 1024;
/** What the protocol says of a token that does not tell. */
const DEFAULT_LIFETIME_S = 60;
/** A token is renewed before it ends, so that no call is made with one that ends on the way. */
const USED_SHARE = 0.9;

/** Remembers how to authenticate with one registry. Nothing of it is ever logged. */
export class RegistryAuthorizer {
  private grant: Grant | undefined;
  private renewal: Promise<Grant> | undefined;

  constructor(
    private readonly settings: AuthorizerSettings,
    private readonly transport: RegistryTransport,
    private readonly clock: Clock,
  ) {}

  /** The header that worked so far, or undefined if there is none or it is about to end. */
  current(): string | undefined {
    return this.grant && this.clock.monotonic() < this.grant.until ? this.grant.value : undefined;
  }

  /**
   * Another header after a 401. Many calls may be refused at once: the first one asks, all share its result.
   *
   * @param refused the header of the refused call
   * @throws RegistryError if no header can be had that was not refused already
   */
  async renew(answer: RegistryAnswer, refused: string | undefined): Promise<string> {
    const current = this.current();
    if (current !== undefined && current !== refused) return current;
    this.renewal ??= this.obtain(answer).finally(() => (this.renewal = undefined));
    this.grant = await this.renewal;
    if (this.grant.value !== refused) return this.grant.value;
    throw fail(answer, 'registry_denied', 'The registry rejects our credentials');
  }

  private async obtain(answer: RegistryAnswer): Promise<Grant> {
    const challenges = parseChallenges(answer.header('www-authenticate') ?? '');
    const credentials = findCredentials(await this.settings.credentials(), this.settings.registry);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return this.obtainToken(bearer, answer, credentials);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      throw fail(answer, 'registry_denied', 'The registry offers no way to authenticate that we know');
    }
    if (credentials) return { value: basicAuthorization(credentials), until: Infinity };
    throw fail(answer, 'registry_denied', 'The registry wants credentials, and none are configured for it');
  }

  /** Without credentials an anonymous token is asked for; public images need nothing else. */
  private async obtainToken(
    bearer: Challenge,
    refusal: RegistryAnswer,
    credentials?: Credentials,
  ): Promise<Grant> {
    const url = this.tokenUrl(bearer, refusal);
    const headers = {
      accept: 'application/json',
      ...(credentials && { authorization: basicAuthorization(credentials) }),
    };
    const answer = await this.transport.send({ method: 'GET', url, headers, limitBytes: TOKEN_LIMIT_BYTES });
    if (answer.status !== 200) throw refused(answer);
    const { token, access_token: accessToken, expires_in: lifetime } = parseJson(answer, tokenSchema);
    const value = token ?? accessToken;
    // Anything else could not stand in a header.
    if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
      throw fail(answer, 'registry_answer_invalid', 'The token service gives no usable token');
    }
    const lifetimeMs = (lifetime ?? DEFAULT_LIFETIME_S) * 1000;
    return { value: `Bearer ${value}`, until: this.clock.monotonic() + lifetimeMs * USED_SHARE };
  }

  private tokenUrl({ parameters }: Challenge, answer: RegistryAnswer): URL {
    const realm = parameters.get('realm') ?? '';
    if (!URL.canParse(realm))
      throw fail(answer, 'registry_answer_invalid', 'The registry names no token service');
    const url = new URL(realm);
    if (!isRealmAllowed(url, this.settings.registry, this.settings)) {
      throw new RegistryError(
        'The registry names a token service that is not in berth.images.realmAllowList',
        {
          method: 'GET',
          url,
          reason: 'registry_realm_refused',
        },
      );
    }
    const service = parameters.get('service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', parameters.get('scope') ?? this.settings.scope);
    return url;
  }
}

function refused(answer: RegistryAnswer): RegistryError {
  if (answer.status === 429)
    return fail(answer, 'registry_throttled', 'The token service asks to come later');
  if (answer.status >= 500) return fail(answer, 'registry_failing', 'The token service fails');
  return fail(answer, 'registry_denied', 'The token service refuses a token');
}

function fail(answer: RegistryAnswer, reason: RegistryFailure, message: string): RegistryError {
  const { call, status, retryAfterMs } = answer;
  return new RegistryError(message, { ...call, status, reason, retryAfterMs });
}

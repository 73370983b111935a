import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Clock } from '../common/clock.js';
import { filled } from '../common/filled.js';
import { RegistryError } from './registry.error.js';
import { parseJson } from './registry.json.js';
import { RegistryTransport } from './registry.transport.js';
import type { RegistryAnswer } from './registry.transport.js';

export interface GoogleTokenSettings {
  readonly metadataUrl: string;
  /** Key of a service account; without, the metadata server is asked (workload identity). */
  readonly credentialsPath?: string | undefined;
}

/** The file that Google's console makes; only what is needed of it. */
const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: filled(),
  private_key: filled(),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }),
});
type ServiceKey = z.output<typeof keySchema>;

const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.number().positive(),
});

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform.read-only';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';
const LIMIT_BYTES = 64 * 1024;
/** The longest that Google allows a signed claim to live. */
const CLAIM_LIFETIME_S = 3600;
/** A token is renewed before it ends, so that no call is made with one that ends on the way. */
const USED_SHARE = 0.9;

/**
 * Access tokens for Google's APIs, from the metadata server ("Authenticate workloads using service accounts") or for a
 * service account's key (RFC 7523, "Using OAuth 2.0 for Server to Server Applications"). None is ever logged.
 */
export class GoogleTokens {
  private token: { readonly value: string; readonly until: number } | undefined;
  private asking: Promise<string> | undefined;

  constructor(
    private readonly settings: GoogleTokenSettings,
    private readonly transport: RegistryTransport,
    private readonly clock: Clock,
  ) {}

  /**
   * A token that is good for a while; one request for all who ask at once.
   *
   * @param refused one that the API did not take
   */
  current(refused?: string): Promise<string> {
    const { token } = this;
    const isGood = token && token.value !== refused && this.clock.monotonic() < token.until;
    if (isGood) return Promise.resolve(token.value);
    this.asking ??= this.obtain().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async obtain(): Promise<string> {
    const { credentialsPath } = this.settings;
    const answer = await (credentialsPath === undefined
      ? this.askMetadata()
      : this.askWithKey(await this.readKey(credentialsPath)));
    if (answer.status !== 200) throw refusal(answer);
    const { access_token: value, expires_in: lifetime } = parseJson(answer, tokenSchema);
    this.token = { value, until: this.clock.monotonic() + lifetime * 1000 * USED_SHARE };
    return value;
  }

  private askMetadata(): Promise<RegistryAnswer> {
    const url = new URL(METADATA_PATH, this.settings.metadataUrl);
    const headers = { 'metadata-flavor': 'Google', accept: 'application/json' };
    return this.transport.send({ method: 'GET', url, headers, limitBytes: LIMIT_BYTES });
  }

  private askWithKey(key: ServiceKey): Promise<RegistryAnswer> {
    return this.transport.send({
      method: 'POST',
      url: new URL(key.token_uri),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ grant_type: GRANT, assertion: this.sign(key) }).toString(),
      limitBytes: LIMIT_BYTES,
    });
  }

  /** Read whenever a token is needed, so that a rotated key is found. What is in it is never told. */
  private async readKey(path: string): Promise<ServiceKey> {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw this.unusable('The key in berth.images.google.credentialsPath cannot be read', cause);
    });
    const parsed = keySchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw this.unusable('berth.images.google.credentialsPath holds no key of a service account');
  }

  private unusable(message: string, cause?: unknown): RegistryError {
    const url = new URL(this.settings.metadataUrl);
    return new RegistryError(message, { reason: 'registry_denied', method: 'POST', url, cause });
  }

  private sign(key: ServiceKey): string {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const header = { alg: 'RS256', typ: 'JWT', kid: key.private_key_id };
    const claims = {
      iss: key.client_email,
      scope: SCOPE,
      aud: key.token_uri,
      iat: issuedAt,
      exp: issuedAt + CLAIM_LIFETIME_S,
    };
    const signed = [header, claims].map((part) => base64url(JSON.stringify(part))).join('.');
    try {
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.private_key, 'base64url')}`;
    } catch {
      throw this.unusable('berth.images.google.credentialsPath holds a private key that cannot be used');
    }
  }
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal({ call, status, retryAfterMs }: RegistryAnswer): RegistryError {
  const [reason, message] =
    status === 429
      ? (['registry_throttled', 'Google asks to come later for a token'] as const)
      : status >= 500
        ? (['registry_failing', 'Google fails to give a token'] as const)
        : (['registry_denied', 'Google refuses a token'] as const);
  return new RegistryError(message, { ...call, status, reason, retryAfterMs });
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Credentials {
  username: string;
  password: string;
}

export type RegistryAuth =
  | (Credentials & { kind: 'basic' })
  /** Tokens from the registry's own `/token`; `anonymous` gives them to everybody. `lifeMs` defaults to 300,000. */
  | (Credentials & { kind: 'bearer'; lifeMs?: number; anonymous?: boolean });

const service = 'simulated-registry';

/** Asks who is there: nothing, a password, or a token that ends. */
export class Guard {
  private readonly tokens = new Map<string, number>();

  constructor(
    private readonly auth: RegistryAuth | undefined,
    private readonly repository: string,
  ) {}

  /** Answers the challenge itself and says false where the request may not pass. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.auth === undefined) return true;
    const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
    const admitted =
      this.auth.kind === 'basic'
        ? scheme.toLowerCase() === 'basic' && this.knows(value)
        : scheme.toLowerCase() === 'bearer' && (this.tokens.get(value) ?? 0) > Date.now();
    if (!admitted) this.challenge(request, response);
    return admitted;
  }

  /** Serves `/token`. */
  issue(request: IncomingMessage, response: ServerResponse): void {
    const { auth } = this;
    const [, value = ''] = (request.headers.authorization ?? '').split(' ');
    if (auth?.kind !== 'bearer' || (auth.anonymous !== true && !this.knows(value))) {
      refuse(response, 401, { code: 'UNAUTHORIZED', message: 'incorrect username or password' });
      return;
    }
    const lifeMs = auth.lifeMs ?? 300_000;
    const token = randomBytes(24).toString('base64url');
    this.tokens.set(token, Date.now() + lifeMs);
    response.writeHead(200, { 'content-type': 'application/json' });
    const issued = {
      issued_at: new Date().toISOString(),
      expires_in: Math.max(1, Math.floor(lifeMs / 1000)),
    };
    response.end(JSON.stringify({ token, access_token: token, ...issued }));
  }

  /** All tokens given so far are worth nothing from now on. */
  expire(): void {
    this.tokens.clear();
  }

  private knows(encoded: string): boolean {
    const { username, password } = this.auth ?? { username: '', password: '' };
    return Buffer.from(encoded, 'base64').toString('utf8') === `${username}:${password}`;
  }

  private challenge(request: IncomingMessage, response: ServerResponse): void {
    const { host = '127.0.0.1', 'x-forwarded-host': front = host } = request.headers;
    const realm = `http://${String(front)}/token`;
    const scope = `repository:${this.repository}:pull`;
    const challenge =
      this.auth?.kind === 'basic'
        ? 'Basic realm="Registry Realm"'
        : `Bearer realm="${realm}",service="${service}",scope="${scope}"`;
    response.setHeader('www-authenticate', challenge);
    refuse(response, 401, { code: 'UNAUTHORIZED', message: 'authentication required' });
  }
}

/** The error body of the distribution specification. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: { code: string; message: string },
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ ...error, detail: null }] }));
}

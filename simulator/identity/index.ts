import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { listen, shut } from '../loopback.js';
import type { Ingress } from './ingress.js';
import { startIngress } from './ingress.js';
import type { IdentityUser } from './users.js';
import { defaultUsers, tokenOf } from './users.js';

export type { Ingress } from './ingress.js';
export type { IdentityUser } from './users.js';

export interface IdentityOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Default: a handful of people and odd cases. A user's token is `<username>-token`. */
  users?: readonly IdentityUser[];
  /** Where discovery says the controller is, its path prefix included. */
  controllerUrl?: string;
}

export interface IdentityFaults {
  /** All answers have this status. */
  status?: number;
  /** Discovery leaves Gafaelfawr out. */
  withoutGafaelfawr?: boolean;
}

/** A stand-in for Gafaelfawr's user-info and Repertoire's discovery. */
export interface Identity {
  url: string;
  port: number;
  /** The base that goes into `REPERTOIRE_BASE_URL`. */
  repertoireUrl: string;
  /** Users by token; changes count at once. */
  tokens: Map<string, IdentityUser>;
  faults: IdentityFaults;
  /** Method and path of each request so far. */
  requests: string[];
  /** Starts a reverse proxy that lets only known tokens through to `upstream` and says who they are. */
  ingress(upstream: string, port?: number): Promise<Ingress>;
  close(): Promise<void>;
}

/** Starts the stub on loopback. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const tokens = new Map((options.users ?? defaultUsers).map((each) => [tokenOf(each), each]));
  const faults: IdentityFaults = {};
  const requests: string[] = [];
  const ingresses: Ingress[] = [];
  let url = '';
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    requests.push(`${request.method ?? ''} ${path}`);
    if (faults.status !== undefined) send(response, faults.status, { detail: [{ type: 'simulated_fault' }] });
    else if (path === '/auth/api/v1/user-info') userInfo(request, response, tokens);
    else if (path === '/auth/api/v1/token-info') tokenInfo(request, response, tokens);
    else if (path === '/repertoire/discovery')
      send(response, 200, discovery(url, faults, options.controllerUrl));
    else send(response, 404, { detail: 'Not Found' });
  });
  const port = await listen(server, options.port ?? 0);
  url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    repertoireUrl: `${url}/repertoire`,
    tokens,
    faults,
    requests,
    ingress: async (upstream, ingressPort = 0) => {
      const ingress = await startIngress({ upstream, port: ingressPort, tokens });
      ingresses.push(ingress);
      return ingress;
    },
    close: async () => {
      await Promise.all(ingresses.map((each) => each.close()));
      await shut(server);
    },
  };
}

function userInfo(
  request: IncomingMessage,
  response: ServerResponse,
  tokens: Map<string, IdentityUser>,
): void {
  const user = bearerOf(request, tokens);
  if (user !== undefined) {
    send(response, 200, { groups: [], ...user });
    return;
  }
  refuse(response);
}

/** Tokens of the stub allow notebooks and files, unless their name says that they do not. */
function tokenInfo(
  request: IncomingMessage,
  response: ServerResponse,
  tokens: Map<string, IdentityUser>,
): void {
  const user = bearerOf(request, tokens);
  if (user === undefined) {
    refuse(response);
    return;
  }
  const isNarrow = request.headers.authorization?.endsWith('-without-files') === true;
  const scopes = isNarrow ? ['exec:notebook'] : ['exec:notebook', 'write:files'];
  send(response, 200, { username: user.username, token_type: 'user', scopes });
}

function bearerOf(request: IncomingMessage, tokens: Map<string, IdentityUser>): IdentityUser | undefined {
  const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
  return scheme.toLowerCase() === 'bearer' ? tokens.get(token) : undefined;
}

function refuse(response: ServerResponse): void {
  response.setHeader('www-authenticate', 'Bearer realm="simulated", error="invalid_token"');
  send(response, 401, { detail: [{ type: 'invalid_token', msg: 'Token is not valid' }] });
}

function discovery(
  url: string,
  faults: IdentityFaults,
  controllerUrl = 'http://127.0.0.1:8080/nublado',
): object {
  const gafaelfawr = { url: `${url}/auth/api/v1`, versions: { v1: { url: `${url}/auth/api/v1` } } };
  const controller = { url: controllerUrl, versions: { v1: { url: `${controllerUrl}/spawner/v1` } } };
  const tap = { url: 'https://data.example.org/api/tap', versions: {} };
  return {
    applications: ['gafaelfawr', 'nublado'],
    datasets: {
      dp1: {
        name: 'dp1',
        description: 'A first preview of the survey',
        butler_config: 'https://data.example.org/api/butler/repo/dp1/butler.yaml',
        services: { tap },
      },
      bare: { name: 'bare', description: 'A dataset without services', services: {} },
    },
    influxdb_databases: {
      efd: {
        url: 'https://efd.example.org/influxdb/',
        database: 'efd',
        schema_registry: 'https://efd.example.org/schema/',
      },
    },
    services: {
      internal: {
        ...(faults.withoutGafaelfawr !== true && { gafaelfawr }),
        'nublado-controller': controller,
      },
      ui: { portal: { url: 'https://data.example.org/portal' } },
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

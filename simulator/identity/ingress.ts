import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as send } from 'node:http';
import { listen, shut } from '../loopback.js';
import type { IdentityUser } from './users.js';

export interface Ingress {
  url: string;
  port: number;
  close(): Promise<void>;
}

interface IngressParts {
  upstream: string;
  port: number;
  tokens: Map<string, IdentityUser>;
}

/** Headers that only this proxy may set; what a client sends under these names is thrown away. */
const reserved = /^x-auth-request-/;

/** A reverse proxy as an ingress with authentication: it checks the token, names the user, and streams unbuffered. */
export async function startIngress({ upstream, port, tokens }: IngressParts): Promise<Ingress> {
  // Longer than a platform's proxy waits, shorter than the controller keeps idle connections.
  const agent = new Agent({ keepAlive: true, timeout: 60_000 });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
    const user = scheme.toLowerCase() === 'bearer' ? tokens.get(token) : undefined;
    if (user === undefined) refuse(response);
    else forward(request, response, { upstream, agent, identity: identityHeaders(user, token) });
  });
  const taken = await listen(server, port);
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: async () => {
      await shut(server);
      agent.destroy();
    },
  };
}

function identityHeaders(user: IdentityUser, token: string): Record<string, string> {
  return { 'x-auth-request-user': user.username, 'x-auth-request-token': token };
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, {
    'content-type': 'application/json',
    'www-authenticate': 'Bearer realm="simulated"',
  });
  response.end(JSON.stringify({ detail: [{ type: 'invalid_token', msg: 'Token is not valid' }] }));
}

interface Route {
  upstream: string;
  agent: Agent;
  identity: Record<string, string>;
}

function forward(request: IncomingMessage, response: ServerResponse, route: Route): void {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !reserved.test(name) && name !== 'authorization' && name !== 'connection',
  );
  const headers = { ...Object.fromEntries(kept), ...route.identity };
  const target = new URL(request.url ?? '/', route.upstream);
  const upstream = send(target, { method: request.method, headers, agent: route.agent }, (answer) => {
    const { connection: _hop, 'keep-alive': _keep, ...rest } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, rest);
    response.flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  // A client that leaves ends the stream upstream too.
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { kubeconfigFor, parseResourcePath, verbOf } from '../server/index.js';
import type { Answer } from './exchange.js';
import { Exchange } from './exchange.js';
import { Gate } from './gate.js';
import type { Match, Rule } from './rule.js';
import { CountedRule } from './rule.js';
import type { SeenRequest } from './seen-request.js';
import type { UpstreamOptions } from './upstream.js';
import { readAll, Upstream } from './upstream.js';

export interface FaultProxyOptions extends UpstreamOptions {
  readonly rules?: readonly Rule[];
}

export interface FaultProxy {
  readonly url: string;
  /** Everything that came by, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Requests that are not answered yet, watches among them. */
  readonly running: number;
  kubeconfig(namespace?: string): object;
  /** Adds a rule; the returned function takes it away. All rules that match a request act on it, in order. */
  add(rule: Rule): () => void;
  /** Adds a pause before the server hears of the matching request, after it has acted, or when the client knows. */
  gate(match: Match, at: 'before' | 'after' | 'answered'): Gate;
  /** Adds a gate on the way of the matching request, which reaches the server even if its client gave up meanwhile. */
  late(match: Match): Gate;
  /** Breaks every connection that is open, watches among them. */
  cut(): void;
  /** Lets go of the requests seen so far, for runs of hours. */
  forget(): void;
  /** Takes all rules away. Requests they hold up stay held up. */
  clear(): void;
  close(): Promise<void>;
}

const NOWHERE = { group: '', version: '', plural: '', namespace: '', name: '', subresource: '' };
const KEEP_ALIVE_MS = 75_000;

/** Starts a proxy on loopback that passes everything on to an API server, except for what its rules spoil. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new RunningProxy(options);
  await proxy.listen();
  return proxy;
}

class RunningProxy implements FaultProxy {
  readonly requests: SeenRequest[] = [];
  running = 0;
  url = '';
  private rules: CountedRule[];
  private readonly upstream: Upstream;
  private readonly answers = new Map<string, Answer>();
  private readonly closing = new AbortController();
  private readonly server: Server;

  constructor(options: FaultProxyOptions) {
    this.upstream = new Upstream(options);
    this.rules = (options.rules ?? []).map((rule) => new CountedRule(rule));
    this.server = createServer((message, response) => void this.serve(message, response));
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  kubeconfig(namespace = 'default'): object {
    return kubeconfigFor(this.url, namespace);
  }

  add(rule: Rule): () => void {
    const counted = new CountedRule(rule);
    this.rules = [...this.rules, counted];
    return () => (this.rules = this.rules.filter((other) => other !== counted));
  }

  gate(match: Match, at: 'before' | 'after' | 'answered'): Gate {
    const gate = new Gate();
    this.add({ match, action: { do: 'pause', gate, at } });
    return gate;
  }

  late(match: Match): Gate {
    const gate = new Gate();
    this.add({ match, action: { do: 'delay', gate } });
    return gate;
  }

  cut(): void {
    this.server.closeAllConnections();
  }

  forget(): void {
    this.requests.length = 0;
    this.answers.clear();
  }

  clear(): void {
    this.rules = [];
  }

  async close(): Promise<void> {
    this.closing.abort();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    this.upstream.close();
    await closed;
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.on('close', () => left.abort());
    response.on('error', () => undefined);
    this.running++;
    try {
      const body = await readAll(message);
      const seen = this.see(message, body);
      const actions = this.rules.filter((rule) => rule.takes(seen)).map(({ rule }) => rule.action);
      // One of its own: many that wait for the same signal look like a leak.
      const closing = AbortSignal.any([this.closing.signal]);
      const gone = AbortSignal.any([left.signal, closing]);
      const { upstream, answers } = this;
      await new Exchange({ message, response, seen, body, actions, upstream, answers, gone, closing }).run();
    } catch {
      // The server is away or the client has gone: what the client sees of the former is a broken connection.
      response.socket?.destroy();
    } finally {
      this.running--;
    }
  }

  private see(message: IncomingMessage, body: Buffer): SeenRequest {
    const { method = 'GET', url = '/', headers } = message;
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const path = parseResourcePath(pathname);
    const { plural: resource, ...place } = path ?? NOWHERE;
    const seen: SeenRequest = {
      number: this.requests.length + 1,
      verb: path ? verbOf(method, path, searchParams) : method.toLowerCase(),
      resource,
      ...place,
      path: url,
      userAgent: headers['user-agent'] ?? '',
      body: body.toString('utf8'),
    };
    this.requests.push(seen);
    return seen;
  }
}

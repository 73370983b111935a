import type { Dispatcher } from 'undici';
import type { Clock } from '../common/clock.js';
import { CALL_DEADLINE, Deadline } from '../common/deadline.js';
import type { Log } from '../common/logger.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from '../reconcile/index.js';
import type { KubeRequest } from './call.js';
import type { KubeConnection, KubernetesOptions } from './connection.js';
import { noAnswer, refused, wasSent } from './failure.js';
import type { KubernetesError } from './kubernetes.error.js';
import { headersOf, methodOf, pathOf } from './paths.js';
import { Pools } from './pools.js';
import { RequestGate } from './request-gate.js';
import { readBody } from './response.js';

const RETRY = { base: millis(100), max: millis(5000) };

export type TransportOptions = Pick<
  KubernetesOptions,
  'version' | 'rate' | 'burst' | 'connections' | 'observer'
>;

/** One try: a good answer, or why not. */
type Try =
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly failure: KubernetesError };

/**
 * Sends requests to the API server as plain JSON: unknown fields survive.
 *
 * Promises: each call ends within its deadline, its waiting in our queue and its repeats included; a repeat is sent
 * only after a passing fault, and after a lost answer only if the request says that it is repeatable; a 429 waits as
 * long as it asks. Every failure is a `KubernetesError`, that of an aborted signal too.
 */
export class KubeTransport {
  private readonly pools: Pools;
  private readonly gate: RequestGate;
  private readonly server: { readonly origin: string; readonly path: string };

  constructor(
    private readonly connection: KubeConnection,
    private readonly options: TransportOptions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    const { rate = 1000, burst = 1000, connections = 32 } = options;
    const { origin, pathname } = new URL(connection.server);
    this.server = { origin, path: pathname === '/' ? '' : pathname };
    this.pools = new Pools(connection, connections);
    this.gate = new RequestGate({ rate, burst, parallel: connections }, clock);
  }

  /** Resolves with the answer's parsed body. */
  async request<T>(request: KubeRequest): Promise<T> {
    const deadline = new Deadline(this.clock, request.options.deadline ?? CALL_DEADLINE);
    const bound = deadline.bind(request.options.signal);
    try {
      return (await this.tryUntil(request, deadline, bound.signal)) as T;
    } finally {
      bound.release();
    }
  }

  /** Opens a watch: resolves with its bytes once the headers are there. `signal` alone bounds both. Tried once. */
  async watch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const leave = await this.enter(request, signal, false);
    try {
      return await this.openWatch(request, signal);
    } finally {
      leave();
    }
  }

  /** Ends every connection. Calls under way fail. */
  close(): Promise<void> {
    return this.pools.close();
  }

  private async tryUntil(request: KubeRequest, deadline: Deadline, signal: AbortSignal): Promise<unknown> {
    let unanswered = false;
    for (let attempt = 0; ; attempt += 1) {
      const leave = await this.enter(request, signal, unanswered);
      const result = await this.tryOnce(request, signal).finally(leave);
      if (result.ok) return result.body;
      unanswered ||= result.failure.unanswered;
      const failure = unanswered ? result.failure.asUnanswered() : result.failure;
      if (signal.aborted || !mayRepeat(request, failure, attempt)) throw failure;
      if (failure.status === 401) await this.connection.credentials.invalidate();
      const wait = Math.max(failure.retryAfter ?? 0, backoffDelay(attempt, RETRY, Math.random)) as Millis;
      if (wait >= deadline.remaining()) throw failure;
      await this.clock.sleep(wait, signal);
    }
  }

  private async enter(request: KubeRequest, signal: AbortSignal, unanswered: boolean): Promise<() => void> {
    try {
      return await this.gate.enter(request.options.priority, signal);
    } catch (error) {
      throw noAnswer(request, error, unanswered);
    }
  }

  private async tryOnce(request: KubeRequest, signal: AbortSignal): Promise<Try> {
    const began = this.clock.monotonic();
    let status = 0;
    try {
      const response = await this.send(request, signal);
      const body = await readBody(response.body);
      status = response.statusCode;
      if (status < 300) return { ok: true, body };
      return { ok: false, failure: refused(request, response, body) };
    } catch (error) {
      return { ok: false, failure: noAnswer(request, error, wasSent(error)) };
    } finally {
      this.observe(request, status, began);
    }
  }

  private async openWatch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const began = this.clock.monotonic();
    const response = await this.send(request, signal).catch((error: unknown) => {
      this.observe(request, 0, began);
      throw noAnswer(request, error, false);
    });
    this.observe(request, response.statusCode, began);
    if (response.statusCode < 300) return response.body as AsyncIterable<Buffer>;
    const body = await readBody(response.body).catch(() => undefined);
    if (response.statusCode === 401) await this.connection.credentials.invalidate();
    throw refused(request, response, body);
  }

  private async send(request: KubeRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { requests, watches, headers } = await this.pools.take();
    const dispatcher = request.verb === 'watch' ? watches : requests;
    const { origin, path } = this.server;
    return dispatcher.request({
      origin,
      path: path + pathOf(request),
      method: methodOf(request),
      headers: { ...headersOf(request), ...headers, 'user-agent': `berth/${this.options.version}` },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      // Else undici closes the connection after each DELETE with a body, which Kubernetes takes as any other.
      reset: false,
      signal,
    });
  }

  private observe(request: KubeRequest, status: number, began: Millis): void {
    const { verb, kind, subresource, options } = request;
    const duration = (this.clock.monotonic() - began) as Millis;
    const report = { verb, resource: kind.plural, subresource, reason: options.reason, status, duration };
    try {
      this.options.observer?.(report);
    } catch (error) {
      this.log.error('request observer failed', { error });
    }
  }
}

function mayRepeat(request: KubeRequest, failure: KubernetesError, attempt: number): boolean {
  if (failure.verdict !== 'retry') return false;
  // One look at fresh credentials is worth it, a second finds the same.
  if (failure.status === 401) return attempt === 0;
  return !failure.unanswered || request.repeatable;
}

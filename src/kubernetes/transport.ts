import type { Dispatcher } from 'undici';
import type { Clock } from '../common/clock.js';
import { CALL_DEADLINE, Deadline } from '../common/deadline.js';
import type { Log } from '../common/logger.js';
import { Turns } from '../common/turns.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { backoffDelay } from '../reconcile/index.js';
import type { KubeRequest } from './call.js';
import { CallBound } from './call-bound.js';
import type { Bound } from './call-bound.js';
import type { KubeConnection, KubernetesOptions } from './connection.js';
import { exchange } from './exchange.js';
import type { Answer } from './exchange.js';
import { noAnswer, refused, wasSent } from './failure.js';
import { KubernetesError } from './kubernetes.error.js';
import { headersOf, methodOf, pathOf } from './paths.js';
import { Pools } from './pools.js';
import { RequestGate } from './request-gate.js';
import type { Outcome } from './request-gate.js';
import { parsed } from './response.js';

const RETRY = { base: millis(100), max: millis(5000) };

export type TransportOptions = Pick<
  KubernetesOptions,
  'version' | 'rate' | 'burst' | 'connections' | 'observer' | 'turns'
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
  /** By which whoever reads a watch lets others have their turn. */
  readonly turns: Turns;
  private readonly pools: Pools;
  private readonly gate: RequestGate;
  private readonly server: { readonly origin: string; readonly path: string };
  private readonly userAgent: string;

  constructor(
    private readonly connection: KubeConnection,
    private readonly options: TransportOptions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    const { rate = 1000, burst = 1000, connections = 32 } = options;
    const { origin, pathname } = new URL(connection.server);
    this.server = { origin, path: pathname === '/' ? '' : pathname };
    this.userAgent = `berth/${options.version} (${connection.namespace})`;
    this.turns = options.turns ?? new Turns(clock);
    this.pools = new Pools(connection, connections);
    const onPace = (pace: 'slow' | 'full'): void => {
      if (pace === 'slow') log.warn('the API server is too busy: fewer requests at a time');
      else log.info('the API server takes as many requests as before');
    };
    this.gate = new RequestGate({ rate, burst, parallel: connections, onPace }, clock);
  }

  /** Resolves with the answer's parsed body. */
  async request<T>(request: KubeRequest): Promise<T> {
    const { signal, deadline: span = CALL_DEADLINE } = request.options;
    const deadline = new Deadline(this.clock, span);
    const bound = new CallBound(this.clock, span, signal);
    try {
      return (await this.tryUntil(request, deadline, bound)) as T;
    } finally {
      bound.release();
    }
  }

  /** Opens a watch: resolves with its bytes once the headers are there. `signal` alone bounds both. Tried once. */
  async watch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const bound = new CallBound(this.clock, undefined, signal);
    await this.enter(request, bound, false).finally(() => bound.release());
    let outcome: Outcome = 'lost';
    try {
      const opened = await this.openWatch(request, signal);
      outcome = 'answered';
      return opened;
    } catch (error) {
      if (error instanceof KubernetesError) outcome = outcomeOf({ ok: false, failure: error });
      throw error;
    } finally {
      this.gate.leave(request.options.priority, outcome);
    }
  }

  /** Ends every connection. Calls under way fail. */
  close(): Promise<void> {
    return this.pools.close();
  }

  private async tryUntil(request: KubeRequest, deadline: Deadline, bound: CallBound): Promise<unknown> {
    let unanswered = false;
    let answered: KubernetesError | undefined;
    for (let attempt = 0; ; attempt += 1) {
      await this.enter(request, bound, unanswered);
      const result = await this.tryOnce(request, bound);
      this.gate.leave(request.options.priority, outcomeOf(result));
      if (result.ok) return result.body;
      unanswered ||= result.failure.unanswered;
      const failure = moreTelling(result.failure, bound.reason ? answered : undefined, unanswered);
      answered = failure;
      if (bound.reason || !mayRepeat(request, failure, attempt)) throw failure;
      if (failure.status === 401) await this.connection.credentials.invalidate();
      const wait = Math.max(failure.retryAfter ?? 0, backoffDelay(attempt, RETRY, Math.random)) as Millis;
      if (wait >= deadline.remaining()) throw failure;
      await bound.sleep(this.clock, wait);
    }
  }

  private async enter(request: KubeRequest, bound: Bound, unanswered: boolean): Promise<void> {
    try {
      await this.gate.enter(request.options.priority, bound);
    } catch (error) {
      throw noAnswer(request, error, unanswered);
    }
  }

  /**
   * Never rejects. Sending takes a turn, and taking in the answer another one: dozens of answers come together, and each is
   * followed by the next request.
   */
  private async tryOnce(request: KubeRequest, bound: Bound): Promise<Try> {
    try {
      await this.turn(request);
      const answer = await this.send(request, bound);
      await this.turn(request);
      if (answer.statusCode < 300 && request.unread) return { ok: true, body: undefined };
      const body = parsed(answer.body);
      if (answer.statusCode < 300) return { ok: true, body };
      return { ok: false, failure: refused(request, answer, body) };
    } catch (error) {
      return { ok: false, failure: noAnswer(request, error, wasSent(error)) };
    }
  }

  private turn({ options: { priority } }: KubeRequest): Promise<void> | undefined {
    if (priority === 'vital') return undefined;
    return this.turns.pass(priority === 'interactive' ? 'people' : 'cluster');
  }

  private async send(request: KubeRequest, bound: Bound): Promise<Answer> {
    const began = this.clock.monotonic();
    let status = 0;
    try {
      const { requests, watches, headers } = await this.pools.take();
      const pool = request.options.priority === 'vital' ? watches : requests;
      const answer = await exchange(pool, this.dispatchOf(request, headers), bound);
      status = answer.statusCode;
      return answer;
    } finally {
      this.observe(request, status, began);
    }
  }

  private async openWatch(request: KubeRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const began = this.clock.monotonic();
    const response = await this.sendWatch(request, signal).catch((error: unknown) => {
      this.observe(request, 0, began);
      throw noAnswer(request, error, false);
    });
    this.observe(request, response.statusCode, began);
    if (response.statusCode < 300) return response.body as AsyncIterable<Buffer>;
    const body = await response.body.arrayBuffer().catch(() => new ArrayBuffer(0));
    if (response.statusCode === 401) await this.connection.credentials.invalidate();
    throw refused(request, response, parsed(Buffer.from(body)));
  }

  private async sendWatch(request: KubeRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { watches, headers } = await this.pools.take();
    return watches.request({ ...this.dispatchOf(request, headers), signal });
  }

  private dispatchOf(
    request: KubeRequest,
    credentials: Readonly<Record<string, string>>,
  ): Dispatcher.DispatchOptions & { readonly path: string } {
    const { origin, path } = this.server;
    return {
      origin,
      path: path + pathOf(request),
      method: methodOf(request),
      headers: { ...headersOf(request), ...credentials, 'user-agent': this.userAgent },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      // Else undici closes the connection after each DELETE with a body, which Kubernetes takes as any other.
      reset: false,
    };
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

function outcomeOf(result: Try): Outcome {
  if (result.ok) return 'answered';
  const { status } = result.failure;
  return status === 429 ? 'throttled' : status === 0 ? 'lost' : 'answered';
}

/** What an earlier try was told says more than that time ran out in the last one. */
function moreTelling(
  last: KubernetesError,
  before: KubernetesError | undefined,
  unanswered: boolean,
): KubernetesError {
  const told = last.status === 0 && before && before.status !== 0 ? before : last;
  return unanswered ? told.asUnanswered() : told;
}

function mayRepeat(request: KubeRequest, failure: KubernetesError, attempt: number): boolean {
  if (failure.verdict !== 'retry') return false;
  // One look at fresh credentials is worth it, a second finds the same.
  if (failure.status === 401) return attempt === 0;
  return !failure.unanswered || request.repeatable;
}

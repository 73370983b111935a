import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Action } from './rule.js';
import type { SeenRequest } from './seen-request.js';
import type { Upstream } from './upstream.js';
import { readAll } from './upstream.js';
import { untilAborted, WatchFaults } from './watch-faults.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ExchangeParts {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: SeenRequest;
  readonly body: Buffer;
  readonly actions: readonly Action[];
  readonly upstream: Upstream;
  /** The last answer to each GET, for stale reads. */
  readonly answers: Map<string, Answer>;
  /** Aborted when the client has gone or the proxy closes. */
  readonly gone: AbortSignal;
  /** Aborted when the proxy closes. */
  readonly closing: AbortSignal;
}

/** Of an API server, and of an image registry. */
const PASSED_ON = [
  'content-type',
  'docker-content-digest',
  'etag',
  'link',
  'retry-after',
  'warning',
  'www-authenticate',
];

/** One request on its way through the proxy, with whatever faults its rules want. */
export class Exchange {
  constructor(private readonly parts: ExchangeParts) {}

  async run(): Promise<void> {
    const { actions, seen } = this.parts;
    if (actions.length > 0) seen.fault = actions.map((action) => action.do).join('+');
    for (const action of actions) if (await this.before(action)) return;
    if (seen.verb === 'watch') await this.watch();
    else await this.exchange();
  }

  /** True when the request ends here. */
  private async before(action: Action): Promise<boolean> {
    if (action.do === 'answer') return this.answer(action);
    if (action.do === 'stale') return this.repeat();
    if (action.do === 'delay') await action.gate.pass(this.parts.seen, this.until);
    const at = action.do === 'hang' ? (action.at ?? 'before') : 'at' in action ? action.at : undefined;
    return at === 'before' && (await this.hold(action));
  }

  /** What is delayed on its way arrives all the same. */
  private get until(): AbortSignal {
    const { actions, gone, closing } = this.parts;
    return actions.some((action) => action.do === 'delay') ? closing : gone;
  }

  private repeat(): boolean {
    const { message, answers } = this.parts;
    const kept = message.method === 'GET' ? answers.get(message.url ?? '') : undefined;
    if (kept) this.send(kept);
    return kept !== undefined;
  }

  private async exchange(): Promise<void> {
    const { message, body, upstream, actions, answers } = this.parts;
    const head = await upstream.send(message, body, this.until);
    const answer = { status: head.statusCode ?? 502, headers: head.headers, body: await readAll(head) };
    if (message.method === 'GET') answers.set(message.url ?? '', answer);
    for (const action of actions) if (await this.after(action)) return;
    this.send(answer);
    const told = actions.filter((action) => action.do === 'pause' && action.at === 'answered');
    if (told.length === 0) return;
    await this.delivered();
    for (const action of told) await this.hold(action);
  }

  /** Resolves when the last byte of the answer is out. */
  private async delivered(): Promise<void> {
    const { response } = this.parts;
    if (!response.writableFinished) await new Promise<void>((resolve) => response.once('close', resolve));
  }

  private async after(action: Action): Promise<boolean> {
    return 'at' in action && action.at === 'after' && (await this.hold(action));
  }

  private async hold(action: Action): Promise<boolean> {
    const { gone, seen } = this.parts;
    if (action.do === 'reset') return this.reset();
    if (action.do === 'pause') await action.gate.pass(seen, gone);
    if (action.do === 'hang') await this.hang(action.ms);
    return gone.aborted;
  }

  private async watch(): Promise<void> {
    const { message, body, upstream, response, actions, seen, gone } = this.parts;
    const head = await upstream.send(message, body, gone);
    seen.status = head.statusCode ?? 502;
    response.writeHead(seen.status, { 'Content-Type': head.headers['content-type'] ?? 'application/json' });
    response.flushHeaders();
    try {
      await new WatchFaults(actions, response, gone).pass(head);
    } finally {
      head.destroy();
    }
  }

  private answer(action: Extract<Action, { do: 'answer' }>): true {
    const { status, reason = '', message = 'a fault', retryAfterS, about } = action;
    const retry = retryAfterS === undefined ? {} : { retryAfterSeconds: retryAfterS };
    const details = about || retryAfterS !== undefined ? { details: { ...about, ...retry } } : {};
    const failure = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...details,
    };
    const body = action.body ?? { ...failure, ...(reason === '' ? {} : { reason }), code: status };
    const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
    this.send({ status, headers, body: Buffer.from(JSON.stringify(body)) });
    return true;
  }

  private reset(): true {
    this.parts.response.socket?.resetAndDestroy();
    return true;
  }

  private async hang(ms: number | undefined): Promise<void> {
    const { gone } = this.parts;
    if (ms === undefined) await untilAborted(gone);
    else await delay(ms, undefined, { signal: gone });
  }

  private send({ status, headers, body }: Answer): void {
    const { response, seen } = this.parts;
    seen.status = status;
    const kept = PASSED_ON.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    response.writeHead(status, {
      'content-type': 'application/json',
      ...Object.fromEntries(kept),
      'content-length': String(body.length),
    });
    response.end(body);
  }
}

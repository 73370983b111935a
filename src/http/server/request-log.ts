import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../common/clock.js';
import type { Log } from '../../common/logger.js';
import { millis } from '../../common/units.js';
import type { Millis } from '../../common/units.js';
import { ShuttingDown } from '../errors/http.errors.js';
import { refuseWith } from '../errors/refusal.js';
import { originOf } from '../routing/origin.js';
import type { Requests } from './requests.js';

/** What is told of every answered request. */
export interface AnsweredRequest {
  readonly method: string;
  /** Pattern of the route, or `unmatched`: few values, fit for a metric's label. */
  readonly route: string;
  readonly status: number;
  readonly took: Millis;
}

export interface RequestFollower {
  readonly clock: Clock;
  readonly log: Log;
  readonly requests: Requests;
  readonly onAnswered: (request: AnsweredRequest) => void;
}

/** Asked every few seconds by machines; worth a line only when something looks for it. */
const QUIET_ROUTES = new Set(['/', '/health/live', '/health/ready']);
const FORWARDED_ID = /^[\w-]{8,64}$/;

/** The id that the ingress gave the request, so that both logs agree; else one of ours. */
export function requestId(headers: NodeJS.Dict<string | string[]>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && FORWARDED_ID.test(given) ? given : freshId();
}

/** Twenty hexadecimal digits, of which one is always the same. Node keeps randomness in store for these alone. */
const freshId = (): string => randomUUID().replaceAll('-', '').slice(0, 20);

/**
 * Counts every request while it waits, and writes one line when its last byte is out or its caller has gone. Whoever
 * still waits when the drain time is over, or comes after it, gets an answer instead of a reset; streams end by themselves.
 */
export function followRequests(fastify: FastifyInstance, follower: RequestFollower): void {
  const { clock, log, requests } = follower;
  const waiting = new Set<FastifyReply>();
  requests.cut.addEventListener('abort', () => {
    for (const reply of waiting) if (!isAnswered(reply)) refuseWith(new ShuttingDown(), reply, log);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const start = clock.monotonic();
    const leave = requests.enter();
    waiting.add(reply);
    void reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      leave();
      waiting.delete(reply);
      report(request, reply, {
        ...follower,
        took: millis(Math.round((clock.monotonic() - start) * 10) / 10),
      });
    });
    if (requests.cut.aborted) refuseWith(new ShuttingDown(), reply, log);
    else done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (requests.closing) void reply.header('connection', 'close');
    done();
  });
}

const isAnswered = (reply: FastifyReply): boolean => reply.sent || reply.raw.headersSent;

function report(
  request: FastifyRequest,
  reply: FastifyReply,
  { log, onAnswered, took }: RequestFollower & { readonly took: Millis },
): void {
  const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
  const status = reply.raw.statusCode;
  const { method } = request;
  onAnswered({ method, route, status, took });
  const fields = {
    method,
    route,
    ...(route === 'unmatched' ? { path: request.url.split('?', 1)[0]?.slice(0, 200) } : {}),
    status,
    ms: took,
    user: request.user,
    code: request.failure,
    requestId: request.id,
    client: originOf({ headers: request.headers, peer: request.ip }).address,
    ...(reply.raw.writableFinished ? {} : { aborted: true }),
  };
  if (QUIET_ROUTES.has(route) && status < 400) log.debug('request', fields);
  else log.info('request', fields);
}

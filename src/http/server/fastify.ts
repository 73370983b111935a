import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Turns } from '../../common/turns.js';
import { answerTo } from '../errors/error-answer.js';
import { HEADERS_TIMEOUT, HEADER_LIMIT, KEEP_ALIVE, PARAM_LIMIT, REQUEST_TIMEOUT } from '../limits.js';
import { useJsonBodies } from '../body/json-body.js';
import { useMisses } from '../routing/misses.js';
import '../request-facts.js';
import { answerOddRequests } from './odd-requests.js';
import { tellQueuedAnswers } from './queued-answers.js';
import { followRequests, requestId } from './request-log.js';
import type { RequestFollower } from './request-log.js';
import { addSecurityHeaders } from './security-headers.js';
import { refuseOnSocket } from './socket-errors.js';
import { takeTurns } from './take-turns.js';

/** Bodies are judged by classes, answers are made by us: loading two compilers of schemas would only cost each start. */
const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } };

function noSchemas(): never {
  throw new Error('a route has a schema for Fastify, expected a class with rules');
}

export interface HttpOptions extends RequestFollower {
  /** Bytes of a request body. */
  readonly bodyLimit: number;
  readonly turns: Turns;
}

/** The HTTP server with the limits, hooks and answers that every route shares. Routes are registered afterwards. */
export function createHttpAdapter(options: HttpOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: options.bodyLimit,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    genReqId: (request: IncomingMessage) => requestId(request.headers),
    clientErrorHandler: refuseOnSocket,
    frameworkErrors: (error: Error, request: Unrouted, reply: FastifyReply) =>
      refuseUnrouted(error, request, reply, options),
    routerOptions: { maxParamLength: PARAM_LIMIT },
    schemaController: NO_SCHEMAS,
    keepAliveTimeout: KEEP_ALIVE,
    requestTimeout: REQUEST_TIMEOUT,
    http: { maxHeaderSize: HEADER_LIMIT, headersTimeout: HEADERS_TIMEOUT, requireHostHeader: false },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  followRequests(fastify, options);
  takeTurns(fastify, options.turns);
  tellQueuedAnswers(fastify);
  addSecurityHeaders(fastify);
  answerOddRequests(fastify);
  useMisses(fastify);
  useJsonBodies(fastify, options.bodyLimit);
  return adapter;
}

/** The router refuses a path that is no UTF-8 before any hook runs, the one that writes the request's line included. */
function refuseUnrouted(
  error: Error,
  request: Unrouted,
  reply: FastifyReply,
  { log }: RequestFollower,
): void {
  const answer = answerTo(error, request.id);
  const { method, id } = request;
  log.info('request', {
    method,
    route: 'unmatched',
    status: answer.status,
    code: answer.code,
    requestId: id,
  });
  void reply
    .headers({ 'x-request-id': id, 'x-content-type-options': 'nosniff' })
    .code(answer.status)
    .send(answer.body);
}

type Unrouted = Pick<FastifyRequest, 'id' | 'method'>;

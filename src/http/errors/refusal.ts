import type { FastifyReply } from 'fastify';
import { ControllerError } from '../../common/errors.js';
import type { Log } from '../../common/logger.js';
import { RETRY_AFTER_SECONDS, answerTo } from './error-answer.js';

/** What is refused for now, not for ever. */
const COME_AGAIN = new Set([429, 503]);

/** Answers with the published body of `error`, unless an answer has begun, and tells the log what the caller must not see. */
export function refuseWith(error: unknown, reply: FastifyReply, log: Log): void {
  const { request } = reply;
  const answer = answerTo(error, request.id);
  if (answer.unexpected) {
    log.error('unexpected error while answering', { requestId: request.id, error });
  } else if (answer.status >= 500) {
    const context = error instanceof ControllerError ? error.context : {};
    log.warn('request failed', { requestId: request.id, code: answer.code, ...context, error });
  }
  // A stream that has begun ends by itself.
  if (reply.sent || reply.raw.headersSent) return;
  request.failure = answer.code;
  if (COME_AGAIN.has(answer.status)) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  void reply
    .removeHeader('content-length')
    .removeHeader('content-type')
    .code(answer.status)
    .send(answer.body);
}

import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ControllerError } from '../../common/errors.js';
import { Log } from '../../common/logger.js';
import { RETRY_AFTER_SECONDS, answerTo } from './error-answer.js';

/** What is refused for now, not for ever. */
const COME_AGAIN = new Set([429, 503]);

/** Turns whatever a route throws into the published body, and tells the log what the caller must not see. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answer = answerTo(error, request.id);
    if (answer.unexpected) {
      this.log.error('unexpected error while answering', { requestId: request.id, error });
    } else if (answer.status >= 500) {
      const context = error instanceof ControllerError ? error.context : {};
      this.log.warn('request failed', { requestId: request.id, code: answer.code, ...context, error });
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
}

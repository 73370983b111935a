import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Log } from '../../common/logger.js';
import { refuseWith } from './refusal.js';

/** Turns whatever a route throws into the published body. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    refuseWith(error, host.switchToHttp().getResponse<FastifyReply>(), this.log);
  }
}

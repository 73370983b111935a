import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../http/index.js';
import { Readiness } from './readiness.js';

const SENTENCES = { type: 'object', additionalProperties: { type: 'string' } };

const status = (word: string, more: object = {}): object => ({
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', const: word }, ...more },
});

/** For the kubelet. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'Does the process run?', operationId: 'getLive' })
  @ApiOkResponse({ schema: status('live') })
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Access({ roles: ['anonymous'] })
  @ApiOperation({
    summary: 'May it be given requests?',
    operationId: 'getReady',
    description:
      'Ready once caches are filled and nothing is left to adopt; then for good, until it shuts down. `alerts` says what an operator must look at.',
  })
  @ApiOkResponse({ schema: status('ready', { alerts: SENTENCES }) })
  @ApiResponse({
    status: 503,
    description: 'Not yet, or not any more; `waiting` says for what',
    content: {
      'application/json': {
        schema: status('waiting', { waiting: SENTENCES, alerts: SENTENCES }),
      },
    },
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const waiting = this.readiness.missing();
    const isReady = Object.keys(waiting).length === 0;
    const alerts = this.readiness.alarming();
    const told = Object.keys(alerts).length === 0 ? {} : { alerts };
    await reply
      .code(isReady ? 200 : 503)
      .send(isReady ? { status: 'ready', ...told } : { status: 'waiting', waiting, ...told });
  }
}

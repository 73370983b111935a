import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { InvalidToken, PermissionDenied } from '../auth/index.js';
import { Access, EventStreams, Failures, InvalidRequest } from '../http/index.js';
import { PrepullMatrixDto, toPrepullMatrix } from './dto/prepull-matrix.dto.js';
import { PrepullStatusDto, toPrepullStatus } from './dto/prepull-status.dto.js';
import { matrixEvents } from './prepulls.stream.js';
import { PrepullsService } from './prepulls.service.js';

const WRONG_CALLER = [
  new InvalidToken(),
  new PermissionDenied(),
  InvalidRequest.missingHeaders('x-auth-request-user'),
];

const STREAM_EXAMPLE = 'event: gone\r\ndata: {"name": "node-9"}\r\n\r\n';

/** What the contract tells of prepulling, and all that there is to tell. */
@ApiTags('images')
@Controller()
export class PrepullsController {
  constructor(
    private readonly prepulls: PrepullsService,
    private readonly streams: EventStreams,
  ) {}

  @Get('spawner/v1/prepulls')
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'Which images are on which nodes', operationId: 'getPrepulls' })
  @ApiOkResponse({ type: PrepullStatusDto })
  @Failures(...WRONG_CALLER)
  status(): ReturnType<typeof toPrepullStatus> {
    return toPrepullStatus(this.prepulls.matrix(), this.prepulls.settings);
  }

  @Get('admin/v1/prepulls')
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Nodes × images, with state, reason and age',
    operationId: 'getPrepullMatrix',
    description:
      'With `Accept: text/event-stream` the same as a stream: `matrix` first and whenever other images are wanted, then ' +
      '`node` for each node that changed, and `gone` for each that went. A reader that comes back begins anew.',
  })
  @ApiExtraModels(PrepullMatrixDto)
  @ApiOkResponse({
    description: 'The matrix; or, for who accepts an event stream, that stream',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(PrepullMatrixDto) } },
      'text/event-stream': { schema: { type: 'string' }, example: STREAM_EXAMPLE },
    },
  })
  @Failures(...WRONG_CALLER)
  async matrix(@Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    if (accept?.includes('text/event-stream')) this.streams.serve(reply, matrixEvents(this.prepulls));
    else await reply.send(toPrepullMatrix(this.prepulls.matrix()));
  }
}

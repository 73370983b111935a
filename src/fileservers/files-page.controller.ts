import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Whoever } from '../auth/index.js';
import type { Admitted } from '../auth/index.js';
import { ClientError } from '../common/errors.js';
import { Access, Failures, InvalidRequest } from '../http/index.js';
import { OPEN_FAILURES } from './dto/files.docs.js';
import { failurePage, readyPage } from './files-page.js';
import { FileserversService } from './fileservers.service.js';

const HTML = 'text/html; charset=utf-8';

/** The page behind which a user's files are (contract 2.8). Its path is `fileserver.pathPrefix`. */
@ApiTags('files')
@Controller()
export class FilesPageController {
  constructor(private readonly files: FileserversService) {}

  @Get()
  @Access({ roles: ['user'], check: 'full' })
  @ApiOperation({
    summary: 'My file server',
    operationId: 'openMyFiles',
    description:
      'Starts the caller’s WebDAV server if it does not run, waits until it can be reached, and says where. Asking again, ' +
      'or from two tabs at once, is harmless. A browser gets failures as a page, with the reason and what helps.',
  })
  @ApiOkResponse({ description: 'Where it is', content: { 'text/html': { schema: { type: 'string' } } } })
  @Failures(...OPEN_FAILURES)
  async open(
    @Req() request: FastifyRequest,
    @Whoever() { described }: Admitted,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (described === undefined) throw InvalidRequest.missingHeaders('x-auth-request-token');
    try {
      const url = await this.files.open(described.user);
      await reply.header('cache-control', 'no-store').type(HTML).send(readyPage(url));
    } catch (error) {
      if (!(error instanceof ClientError) || !wantsPage(request)) throw error;
      request.failure = error.code;
      await reply.code(error.status).header('cache-control', 'no-store').type(HTML).send(failurePage(error));
    }
  }
}

/** A browser says so first of all; whatever else asks wants the published body. */
const wantsPage = ({ headers }: FastifyRequest): boolean => /^\s*text\/html\b/i.test(headers.accept ?? '');

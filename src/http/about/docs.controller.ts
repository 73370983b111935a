import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/access.js';
import { READING_POLICY, TRYING_POLICY } from '../docs/policies.js';
import { tryingPage } from '../docs/trying-page.js';
import { ApiDocument } from './api-document.js';

const HTML = 'text/html; charset=utf-8';
const html = (what: string): MethodDecorator =>
  ApiOkResponse({ description: what, content: { 'text/html': { schema: { type: 'string' } } } });

/** The API document, a page to read it and a page to try it. Nothing is loaded from elsewhere. */
@ApiTags('about')
@Controller()
export class DocsController {
  constructor(private readonly document: ApiDocument) {}

  @Get('openapi.json')
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'This document', operationId: 'getOpenApi' })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object' } } } })
  @Header('content-type', 'application/json; charset=utf-8')
  openApi(): Promise<string> {
    return this.document.asJson();
  }

  @Get('docs')
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'This document, to try out (Swagger UI)', operationId: 'getDocs' })
  @html('The page')
  async docs(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-security-policy', TRYING_POLICY).type(HTML).send(tryingPage());
  }

  @Get('redoc')
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'This document, to read; needs no scripts', operationId: 'getRedoc' })
  @html('The page')
  async redoc(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .header('content-security-policy', READING_POLICY)
      .type(HTML)
      .send(await this.document.asPage());
  }
}

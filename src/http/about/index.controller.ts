import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppSettings } from '../../config/index.js';
import { Access } from '../access/access.js';
import { IndexDto, metadataOf } from './metadata.js';
import type { Metadata } from './metadata.js';

/** The index behind the path prefix (contract 2.5). */
@ApiTags('about')
@Controller()
export class IndexController {
  constructor(private readonly settings: AppSettings) {}

  @Get()
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'What this service is', operationId: 'getIndex' })
  @ApiOkResponse({ type: IndexDto })
  index(): { readonly metadata: Metadata } {
    return { metadata: metadataOf(this.settings.name) };
  }
}

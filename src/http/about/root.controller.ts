import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppSettings } from '../../config/index.js';
import { Access } from '../access/access.js';
import { MetadataDto, metadataOf } from './metadata.js';
import type { Metadata } from './metadata.js';

/** The index inside the cluster; never exposed, asked by probes (contract 1.3). */
@ApiTags('about')
@Controller()
export class RootController {
  constructor(private readonly settings: AppSettings) {}

  @Get()
  @Access({ roles: ['anonymous'] })
  @ApiOperation({ summary: 'What runs here', operationId: 'getRoot' })
  @ApiOkResponse({ type: MetadataDto })
  root(): Metadata {
    return metadataOf(this.settings.name);
  }
}

import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdentityUnavailable, Whoever, mustBeOwn } from '../auth/index.js';
import type { Admitted } from '../auth/index.js';
import { AppSettings } from '../config/index.js';
import { Access, Failures, InvalidRequest } from '../http/index.js';
import { ImageMenus } from '../images/index.js';
import { WRONG_CALLER } from './dto/labs.docs.js';
import { HomeNotice } from './home-notice.js';
import { labForm } from './lab-form.builder.js';

/** The spawn form that JupyterHub shows (contract 2.8). */
@ApiTags('labs')
@Controller('spawner/v1/lab-form')
export class LabFormController {
  constructor(
    private readonly menus: ImageMenus,
    private readonly settings: AppSettings,
    private readonly home: HomeNotice,
  ) {}

  @Get(':username')
  @ApiParam({ name: 'username', example: 'rachel', schema: { type: 'string' } })
  @Access({ roles: ['user'], own: 'username', check: 'full' })
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Form to spawn my lab',
    operationId: 'getLabForm',
    description: 'A fragment of HTML, without html and body, for the page of JupyterHub.',
  })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  @Failures(...WRONG_CALLER, new IdentityUnavailable(undefined))
  async form(
    @Param('username') username: string,
    @Whoever() { caller, described }: Admitted,
  ): Promise<string> {
    mustBeOwn(caller, username);
    if (described === undefined) throw InvalidRequest.missingHeaders('x-auth-request-token');
    const { sizes, defaultSize } = this.settings.lab;
    const { quota } = described.user;
    return labForm({
      menu: await this.menus.menu(),
      sizes,
      defaultSize,
      quota,
      notice: this.home.sentence,
    });
  }
}

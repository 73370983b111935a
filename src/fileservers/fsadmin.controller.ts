import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { Access, Failures, InvalidRequest, Validated } from '../http/index.js';
import { WRONG_CALLER } from './dto/files.docs.js';
import { FsadminStatusDto, StartFsadminDto } from './dto/files.dto.js';
import type { FsadminStatusBody } from './dto/files.dto.js';
import { FsadminFailed, FsadminNotFound, FsadminNotRunning, FsadminTaken } from './fileservers.errors.js';
import { FsadminService } from './fsadmin.service.js';

const ABSENT = [new FsadminNotFound('nublado', 'fsadmin'), new FsadminNotRunning('Pending')];
const TAKEN = new FsadminTaken('nublado', 'fsadmin');
const LATE = new FsadminFailed('Filesystem admin creation timed out after 120');
const noStart = new InvalidRequest([
  { type: 'missing', loc: ['body', 'start'], msg: 'Field required', input: {} },
]);

/** The administrators' pod (contract 2.11). */
@ApiTags('files')
@Controller('fsadmin/v1/service')
export class FsadminController {
  constructor(private readonly fsadmin: FsadminService) {}

  @Get()
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'The administrators’ pod', operationId: 'getFsadmin' })
  @ApiOkResponse({ type: FsadminStatusDto })
  @Failures(...WRONG_CALLER, ...ABSENT, LATE)
  async status(): Promise<FsadminStatusBody> {
    return { start_time: await this.fsadmin.status() };
  }

  @Post()
  @HttpCode(200)
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Start the administrators’ pod',
    operationId: 'startFsadmin',
    description: 'Answers when it runs; one that runs already stays as it is. Enter it with `kubectl exec`.',
  })
  @ApiBody({ type: StartFsadminDto })
  @ApiOkResponse({ type: FsadminStatusDto })
  @Failures(...WRONG_CALLER, ...ABSENT, TAKEN, noStart, LATE)
  async start(@Body(new Validated(StartFsadminDto)) _body: StartFsadminDto): Promise<FsadminStatusBody> {
    return { start_time: await this.fsadmin.create() };
  }

  @Delete()
  @HttpCode(204)
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'Remove the administrators’ pod', operationId: 'stopFsadmin' })
  @ApiNoContentResponse({ description: 'Gone, or never there' })
  @Failures(...WRONG_CALLER, TAKEN, LATE)
  async remove(): Promise<void> {
    await this.fsadmin.remove();
  }
}

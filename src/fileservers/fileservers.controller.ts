import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';

import { IdentityProvider, IdentityUnavailable, InvalidToken, Whoever } from '../auth/index.js';
import type { Admitted } from '../auth/index.js';
import { Access, BodyTooLarge, Failures, InvalidRequest, Validated } from '../http/index.js';
import { DELETE_FAILURES, LIST_FAILURES, STATUS_FAILURES } from './dto/files.docs.js';
import { FileServerStatusDto } from './dto/files.dto.js';
import type { FileServerStatusBody } from './dto/files.dto.js';
import { VerifiedDto, VerifyDto } from './dto/verify.dto.js';
import type { VerifiedBody } from './dto/verify.dto.js';
import { FileVerification, VALID_FOR } from './file-verification.js';
import { CredentialsRefused, TooManyGuesses } from './fileservers.errors.js';
import { FileserversService } from './fileservers.service.js';

const username = ApiParam({ name: 'username', example: 'rachel', schema: { type: 'string' } });
const RUNNING: FileServerStatusBody = { running: true };
const noPassword = new InvalidRequest([
  { type: 'missing', loc: ['body', 'password'], msg: 'Field required', input: { username: 'rachel' } },
]);

/** The file server routes of contract 2.11, and the one that servers themselves ask. */
@ApiTags('files')
@Controller('fileserver/v1')
export class FileserversController {
  constructor(
    private readonly files: FileserversService,
    private readonly verification: FileVerification,
    private readonly identity: IdentityProvider,
  ) {}

  @Get('users')
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'Users whose file server runs', operationId: 'listFileServers' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string' }, example: ['rachel', 'wrench'] } })
  @Failures(...LIST_FAILURES)
  list(): Promise<readonly string[]> {
    return this.files.list();
  }

  @Get('users/:username')
  @username
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'State of a file server', operationId: 'getFileServer' })
  @ApiOkResponse({ type: FileServerStatusDto })
  @Failures(...STATUS_FAILURES)
  async status(@Param('username') user: string): Promise<FileServerStatusBody> {
    await this.files.status(user);
    return RUNNING;
  }

  @Delete('users/:username')
  @HttpCode(204)
  @username
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Remove a file server',
    operationId: 'deleteFileServer',
    description: 'Answers when nothing of it is left. The files stay.',
  })
  @ApiNoContentResponse({ description: 'Gone' })
  @Failures(...DELETE_FAILURES)
  async remove(@Param('username') user: string): Promise<void> {
    await this.files.remove(user);
  }

  @Get('user-status')
  @Access({ roles: ['user'] })
  @ApiOperation({ summary: 'State of my file server', operationId: 'getMyFileServer' })
  @ApiOkResponse({ type: FileServerStatusDto })
  @Failures(...STATUS_FAILURES)
  async mine(@Whoever() { caller }: Admitted): Promise<FileServerStatusBody> {
    await this.files.status(caller.username ?? '', await this.identity.uidOf(caller));
    return RUNNING;
  }

  @Post('verify')
  @HttpCode(200)
  @Access({ roles: ['fileserver'] })
  @ApiOperation({
    summary: 'Are these my owner’s credentials?',
    operationId: 'verifyFileCredentials',
    description:
      'Asked by a file server that no ingress guards, with its own key. See docs/fileserver-contract.md.',
  })
  @ApiBody({ type: VerifyDto })
  @ApiOkResponse({ type: VerifiedDto })
  @Failures(
    new InvalidToken(),
    new CredentialsRefused(),
    noPassword,
    new BodyTooLarge(),
    new TooManyGuesses(),
    new IdentityUnavailable(undefined),
  )
  async verify(
    @Body(new Validated(VerifyDto)) body: VerifyDto,
    @Whoever() { caller }: Admitted,
  ): Promise<VerifiedBody> {
    const owner = caller.username ?? '';
    await this.verification.verify(owner, body.credentials);
    return { username: owner, valid_for: VALID_FOR / 1000 };
  }
}

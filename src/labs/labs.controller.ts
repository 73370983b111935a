import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdentityProvider, PermissionDenied, Whoever, mustBeOwn } from '../auth/index.js';
import type { Admitted, Described } from '../auth/index.js';
import { Access, EventStreams, Failures, InvalidRequest, Validated, absoluteUrl } from '../http/index.js';
import { CreateLabDto } from './dto/create-lab.dto.js';
import {
  CREATE_FAILURES,
  NOT_READY,
  STREAM_FAILURES,
  STREAM_RESPONSE,
  WRONG_CALLER,
} from './dto/labs.docs.js';
import { CreateQueryDto, DRY_RUN_MODELS, DryRunDto, toDryRun } from './dto/dry-run.dto.js';
import { LabStatusDto, toLabStatus } from './dto/lab-status.dto.js';
import type { LabStatusBody } from './dto/lab-status.dto.js';
import { ProgressQueryDto, eventsOf } from './dto/progress.dto.js';
import { DeleteFailed, UnknownUser } from './labs.errors.js';
import type { CreateLab } from './lab.views.js';
import { LabDryRun } from './dry-run/lab-dry-run.service.js';
import { LabsService } from './labs.service.js';

const username = ApiParam({ name: 'username', example: 'rachel', schema: { type: 'string' } });

/** The lab routes of contract 2.6. */
@ApiTags('labs')
@Controller('spawner/v1/labs')
export class LabsController {
  constructor(
    private readonly labs: LabsService,
    private readonly rehearsal: LabDryRun,
    private readonly identity: IdentityProvider,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @Access({ roles: ['hub'] })
  @ApiOperation({ summary: 'Users whose lab runs', operationId: 'listLabs' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string' }, example: ['rachel', 'wrench'] } })
  @Failures(...WRONG_CALLER, NOT_READY)
  list(): Promise<readonly string[]> {
    return this.labs.list();
  }

  @Get(':username')
  @username
  @Access({ roles: ['hub'] })
  @ApiOperation({ summary: 'State of a lab', operationId: 'getLab' })
  @ApiOkResponse({ type: LabStatusDto })
  @Failures(...WRONG_CALLER, new UnknownUser('rachel'), NOT_READY)
  async status(@Param('username') user: string): Promise<LabStatusBody> {
    return toLabStatus(await this.labs.status(user, {}));
  }

  @Post(':username/create')
  @username
  @Access({ roles: ['user', 'hub'], own: 'username', check: 'full' })
  @ApiOperation({
    summary: 'Ask for a lab',
    operationId: 'createLab',
    description:
      'Answers as soon as the wish is recorded; how it goes is told by the event stream. With `dryRun=true` nothing is ' +
      'created, and the answer says what would come of it.',
  })
  @ApiExtraModels(...DRY_RUN_MODELS)
  @ApiOkResponse({ type: DryRunDto, description: 'What would come of it; only with `dryRun=true`' })
  @ApiBody({ type: CreateLabDto })
  @ApiCreatedResponse({
    description: 'Accepted. The body is the JSON value null',
    headers: { Location: { description: 'Where the state of the lab is', schema: { type: 'string' } } },
    content: { 'application/json': { schema: { type: 'null' } } },
  })
  @Failures(...CREATE_FAILURES)
  async create(
    @Body(new Validated(CreateLabDto)) body: CreateLabDto,
    @Query(new Validated(CreateQueryDto, 'query')) query: CreateQueryDto,
    @Whoever() admitted: Admitted,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const request = reply.request as FastifyRequest<{ Params: { username: string } }>;
    const wanted = wantedBy(await this.whoseLab(admitted, body, request.params.username), body);
    if (query.dryRun === 'true') {
      await reply.code(200).send(toDryRun(await this.rehearsal.run(wanted)));
      return;
    }
    await this.labs.create(wanted, () => !reply.raw.destroyed);
    const path = request.url.split('?', 1)[0]?.replace(/\/create$/, '') ?? '/';
    await reply
      .code(201)
      .header('location', absoluteUrl({ headers: request.headers, peer: request.ip }, path))
      .type('application/json')
      .send('null');
  }

  @Delete(':username')
  @HttpCode(204)
  @username
  @Access({ roles: ['hub'] })
  @ApiOperation({
    summary: 'Remove a lab',
    operationId: 'deleteLab',
    description: 'Answers when nothing of it is left. Cancels a spawn in progress.',
  })
  @ApiNoContentResponse({ description: 'Gone' })
  @Failures(...WRONG_CALLER, new UnknownUser('rachel'), new DeleteFailed('rachel'), NOT_READY)
  async remove(@Param('username') user: string): Promise<void> {
    await this.labs.remove(user);
  }

  @Get(':username/events')
  @username
  @Access({ roles: ['user', 'hub'], own: 'username' })
  @ApiOperation({
    summary: 'Follow a spawn or a stop',
    operationId: 'followLab',
    description:
      'Server-sent events: the whole story of the latest operation from its beginning, then live, then the end. ' +
      'Every stored event has an id; `Last-Event-ID` resumes without gap or repeat. Hints without an id (the place in ' +
      'the queue) are not repeated. A comment line keeps a silent stream alive.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string' }, example: 'k3x2abcdef-4' })
  @ApiOkResponse(STREAM_RESPONSE)
  @Failures(...STREAM_FAILURES)
  async events(
    @Param('username') user: string,
    @Query(new Validated(ProgressQueryDto, 'query')) query: ProgressQueryDto,
    @Whoever() { caller }: Admitted,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = [reply.request.headers['last-event-id']].flat()[0];
    // A hub may read anybody's story; who has a name now reads none of somebody who had it before.
    const uid = caller.username === user ? await this.identity.uidOf(caller) : undefined;
    const stream = await this.labs.progress(user, after === '' ? undefined : after, { uid });
    this.streams.serve(reply, eventsOf(stream, query.format ?? 'contract'));
  }

  /** Check 3 of contract 2.6, and who it is if a hub asks for somebody. */
  private async whoseLab(admitted: Admitted, body: CreateLabDto, inPath: string): Promise<Described> {
    const { caller, described } = admitted;
    if (body.user === undefined || body.user === null) {
      mustBeOwn(caller, inPath);
      if (described === undefined) throw InvalidRequest.missingHeaders('x-auth-request-token');
      if (described.user.username !== inPath) throw new PermissionDenied();
      return described;
    }
    if (!caller.actsForOthers || body.user.username !== inPath) throw new PermissionDenied();
    return this.identity.describeNamed(body.user.credential);
  }
}

function wantedBy({ user, token }: Described, { options, env }: CreateLabDto): CreateLab {
  const { image, size, enable_debug: enableDebug, reset_user_env: resetUserEnv } = options;
  return { user, token: token.reveal(), image, size, enableDebug, resetUserEnv, env };
}

import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdentityProvider, IdentityUnavailable, NOBODY, Whoever } from '../auth/index.js';
import type { Admitted } from '../auth/index.js';
import type { Plain } from '../common/plain.js';
import { Access, Failures } from '../http/index.js';
import { NOT_READY, WRONG_CALLER } from './dto/labs.docs.js';
import { LabHistoryDto, toHistory } from './dto/lab-history.dto.js';
import { LabStatusDto, toLabStatus } from './dto/lab-status.dto.js';
import type { LabStatusBody } from './dto/lab-status.dto.js';
import { UnknownUser } from './labs.errors.js';
import { LabRecordsService } from './history/lab-records.service.js';
import { LabsService } from './labs.service.js';

/** What a user may ask about their own lab (contract 2.6). */
@ApiTags('status')
@Controller('spawner/v1')
export class UserStatusController {
  constructor(
    private readonly labs: LabsService,
    private readonly records: LabRecordsService,
    private readonly identity: IdentityProvider,
  ) {}

  @Get('user-status')
  @Access({ roles: ['user'] })
  @ApiOperation({ summary: 'State of my lab', operationId: 'getMyLab' })
  @ApiOkResponse({ type: LabStatusDto })
  @Failures(...WRONG_CALLER, new UnknownUser('rachel', { inPath: false }), NOT_READY)
  async status(@Whoever() { caller }: Admitted): Promise<LabStatusBody> {
    const uid = await this.identity.uidOf(caller);
    return toLabStatus(await this.labs.status(caller.username ?? '', { uid, inPath: false }));
  }

  @Get('user-history')
  @Access({ roles: ['user'], check: 'full' })
  @ApiOperation({
    summary: 'Why did my lab die?',
    operationId: 'getMyHistory',
    description: 'The last ten lives of the lab, and the present one.',
  })
  @ApiOkResponse({ type: LabHistoryDto })
  @Failures(
    ...WRONG_CALLER,
    new UnknownUser('rachel', { inPath: false }),
    new IdentityUnavailable(undefined),
    NOT_READY,
  )
  async history(@Whoever() { caller, described }: Admitted): Promise<Plain<LabHistoryDto>> {
    // What a lab said when it died is for nobody but whose it was, whoever has their name now.
    const uid = described?.user.uid ?? NOBODY;
    return toHistory(await this.records.history(caller.username ?? '', { uid, inPath: false }));
  }
}

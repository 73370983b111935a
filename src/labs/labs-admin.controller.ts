import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Plain } from '../common/plain.js';
import { Access, Failures } from '../http/index.js';
import { CauseGroupDto, HISTORY_MODELS, LabHistoryDto, toCauses, toHistory } from './dto/lab-history.dto.js';
import { NOT_READY, WRONG_CALLER } from './dto/labs.docs.js';
import { DeleteFailed, LabExists, UnknownUser } from './labs.errors.js';
import { LabRecordsService } from './history/lab-records.service.js';

const username = ApiParam({ name: 'username', example: 'rachel', schema: { type: 'string' } });

/** What operators ask about labs. */
@ApiTags('admin')
@ApiExtraModels(...HISTORY_MODELS)
@Controller('admin/v1')
export class LabsAdminController {
  constructor(private readonly records: LabRecordsService) {}

  @Get('causes')
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Why labs do not start',
    operationId: 'getCauses',
    description:
      'All labs that wait, failed, or run on a node that does not report, grouped by reason, the largest group first.',
  })
  @ApiOkResponse({ type: [CauseGroupDto] })
  @Failures(...WRONG_CALLER)
  causes(): Plain<CauseGroupDto>[] {
    return toCauses(this.records.causes());
  }

  @Get('labs/:username/history')
  @username
  @Access({ roles: ['admin'] })
  @ApiOperation({ summary: 'The last lives of a lab', operationId: 'getLabHistory' })
  @ApiOkResponse({ type: LabHistoryDto })
  @Failures(...WRONG_CALLER, new UnknownUser('rachel'), NOT_READY)
  async history(@Param('username') user: string): Promise<Plain<LabHistoryDto>> {
    return toHistory(await this.records.history(user, {}));
  }

  @Delete('labs/:username/history')
  @HttpCode(204)
  @username
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Forget a person',
    operationId: 'eraseLabHistory',
    description: 'Answers when nothing is recorded of them any more. Refused while their lab lives.',
  })
  @ApiNoContentResponse({ description: 'Forgotten' })
  @Failures(
    ...WRONG_CALLER,
    new UnknownUser('rachel'),
    new LabExists('rachel'),
    new DeleteFailed('rachel'),
    NOT_READY,
  )
  async erase(@Param('username') user: string): Promise<void> {
    await this.records.erase(user);
  }
}

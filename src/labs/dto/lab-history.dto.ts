import type { Plain } from '../../common/plain.js';
import { ApiProperty } from '@nestjs/swagger';
import { rfc3339 } from '../../common/units.js';
import type { CauseGroup, LabHistoryView } from '../lab.views.js';

const ends = { type: 'string', nullable: true } as const;

class LifeDto {
  @ApiProperty({ description: 'Of the operation that began it', example: 'k3x2abcdef' })
  operation!: string;

  @ApiProperty({ example: 'registry.example.org/lsst/lab:w_2026_46@sha256:6b1a…' })
  image!: string;

  @ApiProperty({ example: 'small' })
  size!: string;

  @ApiProperty({ format: 'date-time' })
  started!: string;

  @ApiProperty({ format: 'date-time' })
  ended!: string;

  @ApiProperty({ description: 'Code of its end, see docs/reasons.md', example: 'oom_killed' })
  end!: string;

  @ApiProperty({ ...ends, description: 'Why, in words, with the last words of what crashed' })
  cause!: string | null;

  @ApiProperty({ ...ends, example: 'Choose a larger size' })
  remedy!: string | null;

  @ApiProperty({ ...ends, enum: ['user', 'operator', null], description: 'Who can do something about it' })
  who!: string | null;
}

class PresentLifeDto {
  @ApiProperty({ example: 'k3x2abcdef' })
  operation!: string;

  @ApiProperty()
  image!: string;

  @ApiProperty({ example: 'small' })
  size!: string;

  @ApiProperty({ format: 'date-time' })
  started!: string;

  @ApiProperty({ enum: ['pending', 'running', 'terminating'] })
  status!: string;

  @ApiProperty({ ...ends, description: 'What went wrong in it last' })
  cause!: string | null;

  @ApiProperty({ ...ends })
  remedy!: string | null;
}

/** Why did my lab die? */
export class LabHistoryDto {
  @ApiProperty({ example: 'rachel' })
  username!: string;

  @ApiProperty({ anyOf: [{ $ref: '#/components/schemas/PresentLifeDto' }, { type: 'null' }] })
  current!: PresentLifeDto | null;

  @ApiProperty({ type: [LifeDto], description: 'The last ten lives that are over, the latest first' })
  lives!: readonly LifeDto[];
}

/** The shape that {@link LabHistoryDto} only refers to. */
export const HISTORY_MODELS = [PresentLifeDto] as const;

export function toHistory({ username, current, lives }: LabHistoryView): Plain<LabHistoryDto> {
  return {
    username,
    current: current && {
      operation: current.operationId,
      image: current.image,
      size: current.size,
      started: rfc3339(current.startedAt),
      status: current.phase,
      cause: current.cause,
      remedy: current.remedy,
    },
    lives: lives.map(({ operationId, startedAt, endedAt, ...life }) => ({
      operation: operationId,
      started: rfc3339(startedAt),
      ended: rfc3339(endedAt),
      ...life,
    })),
  };
}

/** Labs that wait, failed, or are out of reach for one reason. */
export class CauseGroupDto {
  @ApiProperty({ description: 'Code, see docs/reasons.md', example: 'cpu_short' })
  reason!: string;

  @ApiProperty({ type: 'integer', example: 37 })
  count!: number;

  @ApiProperty({ type: 'integer', example: 35 })
  waiting!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  failed!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Those that run, as far as anybody knows: their node does not report, and they are left alone',
    example: 0,
  })
  running!: number;

  @ApiProperty({ description: 'As the latest of them was told' })
  message!: string;

  @ApiProperty({ ...ends })
  remedy!: string | null;

  @ApiProperty({ ...ends, enum: ['user', 'operator', null] })
  who!: string | null;

  @ApiProperty({ type: [String], description: 'Some of whom it concerns', example: ['rachel'] })
  users!: readonly string[];

  @ApiProperty({ format: 'date-time', description: 'When the first of them met it' })
  since!: string;

  @ApiProperty({ type: 'integer', description: 'How many met it in the last five minutes' })
  recent!: number;

  @ApiProperty({
    enum: ['rising', 'steady', 'falling'],
    description:
      'How many it is now against five minutes ago; labs that are stopped count neither now nor then',
  })
  trend!: string;
}

export const toCauses = (groups: readonly CauseGroup[]): Plain<CauseGroupDto>[] =>
  groups.map((group) => ({ ...group, users: [...group.users], since: rfc3339(group.since) }));

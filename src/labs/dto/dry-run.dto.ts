import type { Plain } from '../../common/plain.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MayBeAbsent, NotRefused, OneOf, Refused } from '../../http/index.js';
import type { DryRunView, QuotaEffect } from '../lab.views.js';

const MEANT = /^dry[-_]?run(?:\[\d*\])?$/i;

/** `?dryRun=true` asks what would come of it. */
export class CreateQueryDto {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Only say what would come of it: nothing is created, and the answer is 200',
  })
  @MayBeAbsent()
  @OneOf(['true', 'false'])
  @NotRefused()
  dryRun?: 'true' | 'false';

  /** Whoever means a rehearsal must not get a lab for a slip of the pen: no other name is taken for nothing. */
  static read(input: Readonly<Record<string, unknown>>): CreateQueryDto {
    const slip = Object.keys(input).find((name) => name !== 'dryRun' && MEANT.test(name));
    const dryRun = slip === undefined ? input['dryRun'] : new Refused(`expected dryRun, not ${slip}`, slip);
    return Object.assign(new CreateQueryDto(), { dryRun });
  }
}

class AmountsDto {
  @ApiProperty({ type: 'number', description: 'Cores', example: 1 })
  cpu!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes', example: 3221225472 })
  memory!: number;
}

class DryQuotaDto {
  @ApiProperty({ type: AmountsDto })
  limit!: AmountsDto;

  @ApiProperty({ type: AmountsDto, description: 'What the lab would take of it' })
  wanted!: AmountsDto;

  @ApiProperty({ type: AmountsDto, description: 'Below 0 by what is short' })
  left!: AmountsDto;
}

class DryNodeDto {
  @ApiProperty({ example: 'node-1' })
  name!: string;

  @ApiProperty({ description: 'Whether a lab may start there' })
  eligible!: boolean;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why not' })
  comment!: string | null;

  @ApiProperty({ description: 'The image is there: no pull would be waited for' })
  image_present!: boolean;
}

class RefusalDto {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'What `create` would answer; null if only the spawn would fail',
  })
  status!: number | null;

  @ApiProperty({ example: 'insufficient_quota' })
  type!: string;

  @ApiProperty()
  msg!: string;

  @ApiProperty({ type: 'array', nullable: true, items: { type: 'string' } })
  loc!: readonly (string | number)[] | null;
}

/** What a request for a lab would lead to. */
export class DryRunDto {
  @ApiProperty({ description: 'Nothing known here would refuse it' })
  accepted!: boolean;

  @ApiProperty({ type: [RefusalDto] })
  refusals!: readonly RefusalDto[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Reference with digest; null if it was refused before',
  })
  image!: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  size!: string | null;

  @ApiProperty({ anyOf: [{ $ref: '#/components/schemas/DryQuotaDto' }, { type: 'null' }] })
  quota!: DryQuotaDto | null;

  @ApiProperty({ type: [DryNodeDto] })
  nodes!: readonly DryNodeDto[];

  @ApiProperty({
    type: 'array',
    items: { type: 'object' },
    description: 'As they would be created, in order; secrets masked',
  })
  objects!: readonly object[];
}

export const DRY_RUN_MODELS = [DryRunDto, DryQuotaDto] as const;

export function toDryRun({ wish, quota, nodes, objects, refusals }: DryRunView): Plain<DryRunDto> {
  return {
    accepted: refusals.length === 0,
    refusals: refusals.map(({ status, code, message, location }) => ({
      status,
      type: code,
      msg: message,
      loc: location && [...location],
    })),
    image: wish?.image.reference ?? null,
    size: wish?.size ?? null,
    quota: quota ? quotaOf(quota) : null,
    nodes: nodes.map(({ name, eligible, comment, isPresent }) => ({
      name,
      eligible,
      comment,
      image_present: isPresent,
    })),
    objects: [...objects],
  };
}

const amounts = ({ cpu, memory }: { readonly cpu: number; readonly memory: number }): Plain<AmountsDto> => ({
  cpu: cpu / 1000,
  memory,
});

function quotaOf({ limit, wanted }: QuotaEffect): Plain<DryQuotaDto> {
  const left = { cpu: limit.cpu - wanted.cpu, memory: limit.memory - wanted.memory };
  return { limit: amounts(limit), wanted: amounts(wanted), left: amounts(left) };
}

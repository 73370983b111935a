import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Spelled out, as tools read an absent type as "object". */
const ANYTHING = [
  ...['string', 'number', 'boolean', 'null'].map((type) => ({ type })),
  { type: 'array', items: {} },
  { type: 'object', additionalProperties: true },
];

class ErrorDetailDto {
  @ApiProperty({ description: 'For a person' })
  msg!: string;

  @ApiProperty({ description: 'For a program: a stable code, listed in docs/errors.md' })
  type!: string;

  @ApiPropertyOptional({
    type: 'array',
    items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    description: 'Where in the request: `body`, `header`, `path` or `query`, then the fields that lead there',
  })
  loc?: (string | number)[];

  @ApiPropertyOptional({
    anyOf: ANYTHING,
    description: 'The value received, shortened and without secrets; validation errors only',
  })
  input?: unknown;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'Validation errors only' })
  ctx?: Record<string, unknown>;
}

/** Body of every error that somebody raised on purpose. */
export class ErrorBodyDto {
  @ApiProperty({ type: [ErrorDetailDto] })
  detail!: ErrorDetailDto[];
}

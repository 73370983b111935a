import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ClientError } from '../../common/errors.js';
import { clientErrorAnswer } from '../errors/error-answer.js';
import { ErrorBodyDto } from './error-body.dto.js';

interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Documents the errors of a route. Each is given as it would be thrown, so that code, status and body cannot drift. */
export function Failures(...errors: readonly ClientError[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, ClientError[]>();
  for (const error of errors) byStatus.set(error.status, [...(byStatus.get(error.status) ?? []), error]);
  const responses = [...byStatus].map(([status, alike]) =>
    ApiResponse({ status, ...failureResponse(alike) }),
  );
  return applyDecorators(ApiExtraModels(ErrorBodyDto), ...responses);
}

/** One status with every code that may come with it. */
export function failureResponse(errors: readonly ClientError[]): {
  description: string;
  content: ErrorContent;
} {
  const codes = [...new Set(errors.map((error) => `\`${error.code}\``))];
  const examples = errors.map((error, index): [string, Example] => {
    const isAlone = errors.filter((other) => other.code === error.code).length === 1;
    const name = isAlone ? error.code : `${error.code}_${String(index + 1)}`;
    return [name, { summary: error.message, value: clientErrorAnswer(error).body }];
  });
  return { description: codes.join(', '), content: errorContent(Object.fromEntries(examples)) };
}

type ErrorContent = Record<
  'application/json',
  { schema: { $ref: string }; examples: Record<string, Example> }
>;

export const errorContent = (examples: Record<string, Example>): ErrorContent => ({
  'application/json': { schema: { $ref: getSchemaPath(ErrorBodyDto) }, examples },
});

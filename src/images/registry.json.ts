import type { z } from 'zod';
import { invalid } from './registry.transport.js';
import type { RegistryAnswer } from './registry.transport.js';

/** @throws RegistryError if the body is no JSON or lacks what the schema names */
export function parseJson<T>(answer: RegistryAnswer, schema: z.ZodType<T>): T {
  // The parser's own error would quote the body, which may hold a token.
  const parsed = schema.safeParse(readJson(answer.body));
  if (!parsed.success) throw invalid('The registry answers what we cannot read', answer);
  return parsed.data;
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

import { z } from 'zod';

/**
 * A key that files of an earlier generation carry (contract 3.8). It is accepted, and whoever has it is told
 * in one warning what took its place.
 */
export function superseded<Schema extends z.ZodType>(schema: Schema, remedy: string): z.ZodOptional<Schema> {
  return schema.optional().meta({ deprecated: true, description: `Of an earlier generation: ${remedy}.` });
}

/** What to do instead of this key, if its schema is of an earlier generation. */
export function remedyOf(schema: z.ZodType): string | undefined {
  const meta = schema.meta();
  return meta?.deprecated === true
    ? meta.description?.replace(/^Of an earlier generation: |\.$/g, '')
    : undefined;
}

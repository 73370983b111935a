import { z } from 'zod';
import { emptyMap, isMap } from './places.js';
import type { Place, Places } from './places.js';
import type { ConfigPath } from './problems.js';
import { remedyOf } from './superseded.js';

/** A key as the file spells it, with all keys above it, and where it stands. */
export interface SpelledKey {
  readonly path: ConfigPath;
  readonly place: Place | undefined;
}

/** What the spelling found besides the values. */
export interface SpellingReport {
  problem(key: SpelledKey, message: string): void;
  warning(key: SpelledKey, message: string): void;
}

/**
 * Brings the keys of a file to the schemas' spelling: `snake_case` becomes `camelCase` wherever the schema has
 * such a key (never inside free maps such as `env`), a key without a value becomes an absent one where it may be
 * absent, and keys of an earlier generation are told about. Values stay untouched; nothing is judged.
 */
export class Spelling {
  constructor(
    private readonly places: Places,
    private readonly report: SpellingReport,
  ) {}

  normalise(schema: unknown, value: unknown, path: ConfigPath = []): unknown {
    const inner = unwrap(schema, value);
    if (inner instanceof z.ZodObject && isMap(value)) return this.object(inner, value, path);
    if (inner instanceof z.ZodRecord && isMap(value)) return this.record(inner, value, path);
    if (inner instanceof z.ZodArray && Array.isArray(value)) return this.list(inner, value, path);
    return value;
  }

  private object(schema: z.ZodObject, written: Record<string, unknown>, path: ConfigPath): unknown {
    const result = emptyMap();
    const shape: Record<string, unknown> = schema.shape;
    for (const [key, value] of Object.entries(written)) {
      const spelled = { path: [...path, key], place: this.places.of(written, key) };
      const name = key in shape ? key : camelCase(key);
      if (name !== key && name in written) {
        this.report.problem(spelled, `is the same key as ${name}, expected one of the two`);
        continue;
      }
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (value === null && mayBeAbsent(field)) continue;
      const target = field === undefined ? key : name;
      this.superseded(field, spelled);
      result[target] = field === undefined ? value : this.normalise(field, value, spelled.path);
      this.places.copy({ container: written, key }, { container: result, key: target });
    }
    return result;
  }

  private superseded(field: unknown, key: SpelledKey): void {
    const remedy = field instanceof z.ZodType ? remedyOf(field) : undefined;
    if (remedy !== undefined)
      this.report.warning(key, `is of an earlier generation, expected now: ${remedy}`);
  }

  private record(schema: z.ZodRecord, written: Record<string, unknown>, path: ConfigPath): unknown {
    const result = emptyMap();
    for (const [key, value] of Object.entries(written)) {
      result[key] = this.normalise(schema.valueType, value, [...path, key]);
      this.places.copy({ container: written, key }, { container: result, key });
    }
    return result;
  }

  private list(schema: z.ZodArray, written: readonly unknown[], path: ConfigPath): unknown {
    const result: unknown[] = [];
    written.forEach((value, key) => {
      result.push(this.normalise(schema.element, value, [...path, key]));
      this.places.copy({ container: written, key }, { container: result, key });
    });
    return result;
  }
}

/** The schema that describes the form of `value` beneath defaults, transformations and choices. */
function unwrap(schema: unknown, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrap(schema.unwrap(), value);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodCatch) return unwrap(schema.unwrap(), value);
  if (schema instanceof z.ZodPipe) {
    return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in, value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) return unwrap(chosen(schema, value), value);
  return schema;
}

function chosen(union: z.ZodDiscriminatedUnion, value: unknown): unknown {
  const kind = isMap(value) ? value[union.def.discriminator] : undefined;
  return union.options.find((option) => {
    if (!(option instanceof z.ZodObject)) return false;
    const literal: unknown = option.shape[union.def.discriminator];
    return literal instanceof z.ZodLiteral && literal.value === kind;
  });
}

/** Null stands for absence only where the schema does not give null a meaning of its own. */
function mayBeAbsent(field: unknown): boolean {
  return field instanceof z.ZodType && field.safeParse(undefined).success && !field.safeParse(null).success;
}

function camelCase(key: string): string {
  return key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

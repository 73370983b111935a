import { z } from 'zod';
import { fileSchema } from './file.schema.js';

/** A JSON Schema, as far as the code here looks into it. */
export interface JsonSchema {
  [keyword: string]: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

/**
 * The JSON Schema of the configuration file, for editors: made from the schemas that judge it. The second file is
 * described by `#/$defs/extraFile`. It accepts both spellings of every key and offers the current one.
 */
export function configJsonSchema(): JsonSchema {
  const main = generate(fileSchema);
  const extraFile: JsonSchema = {
    description: 'The second file: the section berth, or what stands below it.',
    type: 'object',
    anyOf: [
      {
        type: 'object',
        properties: { berth: { $ref: '#/properties/berth' } },
        required: ['berth'],
        additionalProperties: false,
      },
      { $ref: '#/properties/berth' },
    ],
  };
  const whole: JsonSchema = {
    $schema: main['$schema'],
    title: 'Berth configuration',
    description: 'The file of the Nublado controller, with the optional section berth.',
    ...main,
    $defs: { ...definitions(main), extraFile },
  };
  return withBothSpellings(JSON.parse(JSON.stringify(whole)) as JsonSchema, '#');
}

/** Sections that are not looked at unless they are enabled. */
const IGNORED_UNLESS_ENABLED = new Set(['fileserver']);

function generate(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const [name, section] of Object.entries(made.properties ?? {})) {
    if (IGNORED_UNLESS_ENABLED.has(name))
      made.properties = { ...made.properties, [name]: whenEnabled(section) };
  }
  return made;
}

function whenEnabled(section: JsonSchema): JsonSchema {
  const { additionalProperties, description, default: _default, ...rest } = section;
  const enabled = { properties: { enabled: { const: true } }, required: ['enabled'] };
  return {
    description,
    type: 'object',
    if: enabled,
    then: { ...rest, additionalProperties, required: ['namespace'] },
  };
}

/** Adds the `snake_case` spelling of every key as a pattern, which editors accept and do not propose. */
function withBothSpellings(schema: JsonSchema, pointer: string): JsonSchema {
  for (const [keyword, inner] of Object.entries(schema)) {
    if (keyword === 'properties' || keyword === '$defs') continue;
    descend(inner, `${pointer}/${keyword}`);
  }
  for (const [key, inner] of Object.entries({ ...schema.properties, ...definitions(schema) })) {
    const keyword = schema.properties && key in schema.properties ? 'properties' : '$defs';
    withBothSpellings(inner, `${pointer}/${keyword}/${key}`);
  }
  allowAbsence(schema);
  respell(schema, pointer);
  return schema;
}

function definitions(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema['$defs'] ?? {}) as Record<string, JsonSchema>;
}

function descend(value: unknown, pointer: string): void {
  if (Array.isArray(value)) value.forEach((item, index) => descend(item, `${pointer}/${index}`));
  else if (typeof value === 'object' && value !== null) withBothSpellings(value as JsonSchema, pointer);
}

/** A key without a value counts as absent where it may be absent. */
function allowAbsence(schema: JsonSchema): void {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    if ((schema.required ?? []).includes(key)) continue;
    if (typeof inner['type'] === 'string' && !inner['enum']) inner['type'] = [inner['type'], 'null'];
    if (typeof inner['$ref'] === 'string') {
      inner['anyOf'] = [{ $ref: inner['$ref'] }, { type: 'null' }];
      delete inner['$ref'];
    }
  }
}

function respell(schema: JsonSchema, pointer: string): void {
  const keys = Object.keys(schema.properties ?? {}).filter((key) => snakeCase(key) !== key);
  if (keys.length === 0) return;
  schema['patternProperties'] = Object.fromEntries(
    keys.map((key) => [`^${snakeCase(key)}$`, { $ref: `${pointer}/properties/${key}` }]),
  );
  const required = schema.required ?? [];
  const either = required.filter((key) => keys.includes(key));
  if (either.length === 0) return;
  schema.required = required.filter((key) => !either.includes(key));
  schema['allOf'] = either.map((key) => ({ anyOf: [{ required: [key] }, { required: [snakeCase(key)] }] }));
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

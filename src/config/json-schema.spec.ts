import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const COMMITTED = 'docs/config.schema.json';

function asEditorsRead(file: string): Record<string, unknown> {
  const read: unknown = parse(readFileSync(file, 'utf8'), { version: '1.1' });
  return JSON.parse(JSON.stringify(read)) as Record<string, unknown>;
}

describe('configJsonSchema', () => {
  const schema = configJsonSchema();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const accepts = ajv.compile(schema);

  it('equals the committed file', async () => {
    const style = await resolveConfig(COMMITTED);
    const made = await format(JSON.stringify(schema), { ...style, parser: 'json' });
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(COMMITTED, made);

    expect(readFileSync(COMMITTED, 'utf8')).toBe(made);
  });

  it.each([
    'demo/config.yaml',
    'test/fixtures/config/current.yaml',
    'test/fixtures/config/nublado7.yaml',
    'test/fixtures/config/snake-case.yaml',
  ])('accepts %s', (file) => {
    accepts(asEditorsRead(file));

    expect(accepts.errors ?? []).toEqual([]);
  });

  it('refuses a misspelt key in any section', () => {
    for (const section of ['lab', 'images', 'berth']) {
      const file = asEditorsRead('demo/config.yaml');
      file[section] = { ...(file[section] as object), spawnTimout: '1m' };

      expect(accepts(file), section).toBe(false);
    }
  });

  it('describes the second file in both of its forms', () => {
    ajv.addSchema(schema, 'file');
    const acceptsExtra = ajv.compile({ $ref: 'file#/$defs/extraFile' });
    const verdicts = [
      { berth: { readiness: 'tcp' } },
      { readiness: 'tcp' },
      { lab: {} },
      { berth: { lab: {} } },
    ];

    expect(verdicts.map((file) => acceptsExtra(file))).toEqual([true, true, false, false]);
  });

  it('documents every setting of berth', () => {
    const undocumented: string[] = [];
    const walk = (at: JsonSchema, path: string): void => {
      for (const [key, inner] of Object.entries(at.properties ?? {})) {
        if (typeof inner['description'] !== 'string') undocumented.push(`${path}.${key}`);
        walk(inner, `${path}.${key}`);
        walk((inner['items'] ?? {}) as JsonSchema, `${path}.${key}[]`);
      }
    };
    walk((schema.properties ?? {})['berth'] ?? {}, 'berth');

    expect(undocumented).toEqual([]);
  });
});

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'vitest';

import { sorted } from '../../src/labs/objects/text.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden');

/**
 * Compares `value`, as JSON with sorted keys, with `test/golden/{name}.json`. A missing file is a failure.
 * With `UPDATE_GOLDEN=1` the file is written instead; review it as a diff.
 */
export function expectGolden(name: string, value: unknown): void {
  const file = join(GOLDEN, `${name}.json`);
  const text = `${JSON.stringify(sorted(value), null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  if (!existsSync(file))
    throw new Error(`There is no test/golden/${name}.json: write it with UPDATE_GOLDEN=1`);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

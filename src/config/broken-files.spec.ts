import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { aFile } from '../../test/gen/config-file.gen.js';
import { checkFiles } from './check.js';
import type { ConfigRemark } from './problems.js';

type Path = readonly (string | number)[];

interface Broken {
  readonly how: string;
  readonly path: Path;
  readonly text: string;
}

/** A file of today with nearly everything in it. */
const WHOLE: unknown = parse(readFileSync('test/fixtures/config/current.yaml', 'utf8'), { version: '1.1' });
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place of the file, the outermost first. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(isMap(value) ? value : {});
  return entries.flatMap(([key, inner]) => [[...path, key], ...placesIn(inner, [...path, key])]);
}

/** The file with `change` made to what holds the last key of `path`. */
function changed(
  path: Path,
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
): string {
  const copy = structuredClone(WHOLE) as Record<string | number, unknown>;
  const key = path.at(-1) ?? '';
  let holder = copy;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  change(holder, key);
  return stringify(copy);
}

const at = (path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], WHOLE);

/** What no setting takes, whatever it is; what it is already is left out. */
const WRONG: readonly unknown[] = ['of no use', -7.5, true, [[1]], { odd: { a: [1] } }];
const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** Each place broken by one wrong kind of value, in turn, and every second key misspelt: enough, and soon read. */
function brokenFiles(): readonly Broken[] {
  return placesIn(WHOLE).flatMap((path, index) => {
    const wrong = WRONG.filter((one) => kindOf(one) !== kindOf(at(path)));
    const value = wrong[index % wrong.length];
    const text = changed(path, (holder, key) => (holder[key] = value));
    const broken = [{ how: `a ${kindOf(value)} for a ${kindOf(at(path))}`, path, text }];
    return index % 2 === 0 ? broken : [...broken, misspelt(path)];
  });
}

function misspelt(path: Path): Broken {
  const text = changed(path, (holder, key) => {
    holder[`${String(key)}x`] = holder[key];
    Reflect.deleteProperty(holder, key);
  });
  return { how: 'misspelt', path, text };
}

describe('configuration files broken in hundreds of ways', () => {
  it('are refused with a place and what was expected, or mean what they say, and never crash us', () => {
    const judged = brokenFiles().map((broken) => ({ ...broken, ...checkFiles(aFile(broken.text)) }));

    const faults = judged.flatMap(({ how, path, text, content, problems }) => {
      const what = `${how} at ${path.join('.')}`;
      if (problems.length === 0) return content ? [] : [`${what}: neither accepted nor refused`];
      const odd = problems.flatMap((problem) => faultsOf(problem, path, text.split('\n').length));
      const blamed = problems.some((problem) => isNear(problem.path, path));
      return [...odd, ...(blamed ? [] : ['blames something else'])].map((fault) => `${what}: ${fault}`);
    });

    expect(faults).toEqual([]);
    expect(judged.filter(({ problems }) => problems.length > 0).length).toBeGreaterThan(200);
  }, 240_000);
});

/** Of something that is gone with the broken place: a size, a volume. */
const CONSEQUENCE = /^(names no|lacks the) /;

function faultsOf(
  { line, path: blamed, message }: ConfigRemark,
  broken: Path,
  lines: number,
): readonly string[] {
  const isThere = line !== undefined && line >= 1 && line <= lines;
  const isMeant = isNear(blamed, broken) || CONSEQUENCE.test(message);
  return [
    ...(isThere ? [] : [`line ${String(line)} of ${String(lines)}`]),
    ...(/\w \w/.test(message) ? [] : [`says only ${message}`]),
    ...(isMeant ? [] : [`blames ${blamed}: ${message}`]),
  ];
}

/** What is blamed holds the broken place, or is held by it, or by what holds it: a missing key has no place itself. */
function isNear(blamed: string, broken: Path): boolean {
  const holder = broken.slice(0, Math.max(1, broken.length - 1)).join('.');
  return blamed.startsWith(holder) || broken.join('.').startsWith(blamed);
}

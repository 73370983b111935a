import { z } from 'zod';
import type { ConfigPath } from './problems.js';
import { remedyOf } from './superseded.js';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

/** Says in one sentence what is wrong with a value and what is expected. Given to zod as its error map. */
export function describeIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return unlike(issue.input, NOUNS[issue.expected] ?? issue.expected);
    case 'invalid_value':
      return unlisted(issue.input, issue.values.map(String).join(' or '));
    case 'invalid_union':
      return unlisted(valueOf(issue), optionsOf(issue));
    case 'too_small':
      return tooSmall(issue.origin, String(issue.minimum));
    case 'too_big':
      return `is too large, expected at most ${String(issue.maximum)}`;
    case 'unrecognized_keys':
      return keysOf(issue.inst).join(' ');
    default:
      return undefined;
  }
}

function tooSmall(origin: string, least: string): string {
  if (origin === 'string') return 'is empty, expected text';
  return origin === 'array'
    ? 'is empty, expected at least one item'
    : `is too small, expected at least ${least}`;
}

function valueOf(issue: RawIssue): unknown {
  const key = 'discriminator' in issue ? String(issue.discriminator) : '';
  const input = issue.input;
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : input;
}

function optionsOf(issue: RawIssue): string {
  const options: unknown = 'options' in issue ? issue.options : undefined;
  return Array.isArray(options) ? options.map(String).join(' or ') : 'another value';
}

function unlike(input: unknown, expected: string): string {
  if (expected === NOUNS['string'] && (typeof input === 'number' || typeof input === 'boolean')) {
    return `is ${kindOf(input)}, expected text (put it in quotes)`;
  }
  return `is ${kindOf(input)}, expected ${expected}`;
}

/** For values of which only some are accepted. */
function unlisted(input: unknown, expected: string): string {
  return typeof input === 'string' ? `is not accepted, expected ${expected}` : unlike(input, expected);
}

function kindOf(input: unknown): string {
  if (input === undefined) return 'missing';
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a map of keys';
  if (typeof input === 'string') return 'text';
  return typeof input === 'number' ? 'a number' : 'true or false';
}

function keysOf(schema: unknown): string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const fields = Object.entries<unknown>(schema.shape);
  return fields.flatMap(([key, field]) => (field instanceof z.ZodType && remedyOf(field) ? [] : key));
}

/** One finding of a schema: a path in the schema's spelling, and a sentence. */
export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
}

/** Zod's issue as findings: an issue about several keys becomes one for each. */
export function findingsOf(issue: Issue): Finding[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `is not a known key, expected ${likely(key, known)}`,
    }));
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path, message }];
}

function likely(key: string, known: readonly string[]): string {
  const plain = key.replaceAll('_', '').toLowerCase();
  const most = plain.length < 4 ? 1 : 2;
  const near = known.filter((name) => distance(plain, name.toLowerCase()) <= most);
  return near.length > 0 ? near.join(' or ') : `one of ${known.join(', ')}`;
}

/** How many letters must be added, dropped or changed. */
function distance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      const change = left[at - 1] === right[to - 1] ? 0 : 1;
      next.push(Math.min((next[to - 1] ?? 0) + 1, (row[to] ?? 0) + 1, (row[to - 1] ?? 0) + change));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../common/duration.js';
import { instant } from '../common/units.js';
import { parseCpu, parseMemory } from './amounts.js';
import { quote } from './problems.js';

/*
 * The formats of single values (contract 3). Each says in one sentence what it expects, so that a problem
 * can be understood without the manual.
 */

const TRUE = new Set<unknown>(['true', 'yes', 'on', 'y', 't', '1', 1]);
const FALSE = new Set<unknown>(['false', 'no', 'off', 'n', 'f', '0', 0]);

const written = (expected: string) =>
  z.union([z.number(), z.string()], { error: (issue) => unfit(issue.input, expected) });

function unfit(input: unknown, expected: string): string {
  return `is ${input === undefined ? 'missing' : 'neither number nor text'}, expected ${expected}`;
}

const EXPONENT = /^\s*[+-]?\d+(?:\.\d*)?[eE][+-]?\d{1,2}\s*$/;

/** Where a number is wanted `1e+09` is one, as Helm writes it, although YAML 1.1 calls it text. */
const numeric = <Value>(value: Value): Value | number =>
  typeof value === 'string' && EXPONENT.test(value) ? Number(value) : value;

/** A value read from text or number by `parse`, which answers `undefined` when it cannot. */
function amount<Out>(expected: string, parse: (value: string | number) => Out | undefined) {
  return written(expected).transform((value, context) => {
    const parsed = parse(numeric(value));
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: `${quote(value)} is not understood, expected ${expected}` });
    return z.NEVER;
  });
}

export const duration = () => amount('a duration such as 90, "5m" or "1d 12h"', parseDuration);
/** A duration that would make no sense as zero. */
export const span = () =>
  amount('a duration above zero such as 15 or "70s"', (value) => parseDuration(value) || undefined);
export const memory = () =>
  amount('an amount of memory such as 512Mi, 3Gi or a number of bytes', parseMemory);
export const cpu = () =>
  amount('an amount of CPU such as 250m, 0.5 or 2 (at most three decimal places)', parseCpu);

export { filled } from '../common/filled.js';
export const text = () => z.string();
/** A name that may be left empty where there is none, as charts do. */
export const nameOrNone = () =>
  z
    .string()
    .transform((name) => name || undefined)
    .optional();
export const textMap = () => z.record(z.string(), z.string());

/** A truth value; the words that YAML 1.1 and today's controller read as one are read as one. */
export const flag = () =>
  z.preprocess((value) => {
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    return TRUE.has(word) ? true : FALSE.has(word) ? false : value;
  }, z.boolean());

/** A whole number, also when it comes as text. */
export const whole = (least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : numeric(value),
    z.int().min(least).max(most),
  );

export const absolutePath = () =>
  z
    .string()
    .refine((path) => path.startsWith('/'), { error: 'is not a path, expected one that begins with /' });

const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()+,;=@-]+)*$/;

/**
 * What paths of requests begin with, as it stands in a URL; empty for the root, and without a slash at its end. The
 * router gives `:` and `*` a meaning, and compares what is decoded, so that nobody would ever meet a `%`.
 */
export const pathPrefix = () =>
  z
    .string()
    .transform((prefix) => prefix.replace(/\/+$/, ''))
    .refine((prefix) => PREFIX.test(prefix), {
      error:
        'is no prefix of paths, expected one such as /nublado: names of letters, digits, "-", ".", "_" or "~", each after one /',
    });

/** Without the value: it may hold a password. */
export const NOT_A_URL = 'is not a URL, expected one that begins with http:// or https://';
export const httpUrl = () => z.string().refine(isHttpUrl, { error: NOT_A_URL });
/** Older files may leave it empty where there is none. */
export const httpUrlOrEmpty = () =>
  z.string().refine((value) => value === '' || isHttpUrl(value), { error: NOT_A_URL });

export function isHttpUrl(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value);
}

/** An address block such as `10.0.0.0/8`; a single address stands for itself. */
export const cidr = () =>
  z
    .string()
    .refine(isCidr, { error: 'is not an address block, expected one such as 10.0.0.0/8 or fd00::/8' });

function isCidr(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** A point in time; without a zone it is UTC, without an hour it is midnight. */
export const utcDate = () =>
  z.string().transform((value, context) => {
    const time = Date.parse(withZone(value));
    if (!Number.isNaN(time)) return instant(time);
    context.addIssue({
      code: 'custom',
      message: `${quote(value)} is not a date, expected one such as 2026-01-31T00:00:00Z`,
    });
    return z.NEVER;
  });

function withZone(value: string): string {
  const iso = value.trim().replace(' ', 'T');
  if (/^\d{4}-\d\d-\d\d$/.test(iso)) return `${iso}T00:00:00Z`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(iso)) return `${iso}Z`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : 'none';
}

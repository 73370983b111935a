import { Secret } from '../../config/index.js';

/** What stands in the log where a secret would have stood. */
export const REDACTED = '[redacted]';

const SECRET_NAME = /token|secret|passw|authorization|cookie|credential|apikey|api_key|private_?key|^env$/i;
/** Names that match above and never hold a secret. */
const HARMLESS_NAME = /^(secretName|secretKey|secretNames|tokenUser)$/;
/**
 * Gafaelfawr and JupyterHub tokens, bearer and basic credentials, JSON web tokens, credentials in URLs, and what is
 * assigned to a secret's name: wherever they stand in a text. Every text of every line is searched, so it knows less than
 * `withoutSecrets`, which reads what containers wrote; each part begins with letters that are seldom.
 */
const SECRET_TEXT = new RegExp(
  [
    String.raw`\bgt-[\w-]{10,}\.[\w-]{10,}`,
    String.raw`\b(?:bearer|basic)\s+[\w.~+/=-]{6,}`,
    String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`,
    // The `@` of an image's digest follows no credentials.
    String.raw`:\/\/[^\s/]{4,}(?=@(?!sha\d))`,
    String.raw`(?:password|passwd|secret|token|api_?key)=[^\s&"',;]{6,}`,
  ].join('|'),
  'gi',
);
/** Characters that the shortest text of those has: `token=` with six more. */
const SHORTEST_SECRET = 12;
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;

/**
 * A copy of a log field that can be printed: secrets masked by name and by look, errors spelled out,
 * depth and length bounded. Never throws, whatever it is given.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'object' && value !== null)
    return depth >= MAX_DEPTH ? '[deep]' : redactedObject(value, depth);
  if (typeof value === 'string') return redactedText(value);
  if (typeof value === 'function') return '[function]';
  return typeof value === 'bigint' || typeof value === 'symbol' ? value.toString() : value;
}

function redactedObject(value: object, depth: number): unknown {
  if (value instanceof Error) return redactedError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof Secret) return REDACTED;
  if (value instanceof URL) return redactedText(value.href);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redacted(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return redactedFields(value as Record<string, unknown>, depth);
}

/** A text without anything that looks like a credential. */
export function redactedText(text: string): string {
  if (text.length < SHORTEST_SECRET) return text;
  const masked = text.replace(SECRET_TEXT, (found) =>
    found.startsWith('://') ? `://${REDACTED}` : REDACTED,
  );
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}…` : masked;
}

/** Does a field of this name hold a secret? */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

function redactedFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ITEMS)) {
    copy[name] = masks(name, value) ? REDACTED : redacted(value, depth + 1);
  }
  return copy;
}

/** A count or a flag under a secret's name (`tokens: 3`) tells nothing. */
const masks = (name: string, value: unknown): boolean =>
  namesSecret(name) && (typeof value === 'string' || typeof value === 'object') && value !== null;

type Raised = Error & Record<string, unknown>;

function redactedError(error: Error, depth: number): Record<string, unknown> {
  // Node adds `input` and `base` to the error of a URL that is none: the whole of it, with whatever it holds.
  const { name, message, stack, cause, input: _input, base: _base, ...own } = error as Raised;
  return {
    name,
    message: redactedText(message),
    ...redactedFields(own, depth),
    ...(stack === undefined ? {} : { stack: redactedText(stack) }),
    ...(cause === undefined ? {} : { cause: redacted(cause, depth + 1) }),
  };
}

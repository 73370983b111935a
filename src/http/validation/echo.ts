import { REDACTED, namesSecret } from '../logging/redaction.js';

const MAX_TEXT = 200;
const MAX_DEPTH = 4;
const MAX_ITEMS = 20;

/**
 * What an error body repeats of the received value: enough to see the mistake, no secret (the environment holds
 * a working credential), bounded in depth and length. `path` names the fields that lead to the value.
 */
export function echo(value: unknown, path: readonly (string | number)[]): unknown {
  const secret = path.some((name) => typeof name === 'string' && namesSecret(name));
  return copied(value, secret, 0);
}

function copied(value: unknown, secret: boolean, depth: number): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') return depth >= MAX_DEPTH ? '[deep]' : copiedItems(value, secret, depth);
  if (secret) return REDACTED;
  return typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}

function copiedItems(value: object, secret: boolean, depth: number): unknown {
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copied(item, secret, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, item]) => [name, copied(item, secret || namesSecret(name), depth + 1)]),
  );
}

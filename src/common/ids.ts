import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** `length` random characters of lower-case base32 (RFC 4648): five bits each, valid in labels and names. */
export function randomId(length: number): string {
  let id = '';
  for (const byte of randomBytes(length)) id += ALPHABET.charAt(byte & 31);
  return id;
}

/** Names one operation on one lab (50 bits of chance), valid as a label. */
export const newOperationId = (): string => randomId(10);

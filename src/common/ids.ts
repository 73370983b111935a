import { randomFillSync } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Drawn from the system in one go for many ids: each call to it costs more than the rest of an id. */
const chance = Buffer.alloc(4096);
let used = chance.length;

function randomByte(): number {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  const byte = chance.readUInt8(used);
  used += 1;
  return byte;
}

/** `length` random characters of lower-case base32 (RFC 4648): five bits each, valid in labels and names. */
export function randomId(length: number): string {
  let id = '';
  for (let place = 0; place < length; place += 1) id += ALPHABET.charAt(randomByte() & 31);
  return id;
}

/** Names one operation on one lab (50 bits of chance), valid as a label. */
export const newOperationId = (): string => randomId(10);

import { randomBytes } from 'node:crypto';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const LENGTH = 5;

/** The letters Kubernetes uses for generated names: no vowels, so no words. */
export function randomSuffix(): string {
  return [...randomBytes(LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

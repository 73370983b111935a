import { createHash } from 'node:crypto';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SLUG = /--x[a-z2-7]{10}$/;
const SUFFIX_LENGTH = 13;

/** True if `name` can stand in object names and labels as it is, and can't be mistaken for one of our slugs. */
export const isPlainName = (name: string, longest: number): boolean =>
  name.length <= longest && DNS_LABEL.test(name) && !SLUG.test(name);

/** `text` as far as a name can say it, and ten characters that stand for `parts`; never longer than `longest`. */
export function slug(text: string, parts: readonly string[], longest: number): string {
  const readable = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, Math.max(1, longest - SUFFIX_LENGTH))
    .replace(/-$/, '');
  return `${readable === '' ? 'u' : readable}--x${fingerprint(parts, 10)}`;
}

/** `length` characters of lower-case base32 that stand for `parts`; at most 32, five bits each. */
export function fingerprint(parts: readonly string[], length: number): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(digest.subarray(0, length), (byte) => alphabet.charAt(byte & 31)).join('');
}

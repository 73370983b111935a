import { createHash } from 'node:crypto';

const LONGEST_NAME = 253;
const HASH_LENGTH = 8;

/**
 * Name of the pod that pulls a tag onto a node (contract 5.10): `prepull-{tag}-{node}`.
 *
 * A name that cannot be had so, because the tag is in capitals, has other characters or is too long, ends in a hash of
 * both instead, so that two tags never share it by being mangled. What is left (`_` becomes `-`) is harmless: a pull whose
 * name another pull has waits for it.
 */
export function prepullName(tag: string, node: string): string {
  const plain = tag.replaceAll('_', '-');
  const name = `prepull-${plain}-${node}`;
  if (isPodName(name)) return name;
  const hash = createHash('sha256').update(`${tag} ${node}`).digest('hex').slice(0, HASH_LENGTH);
  const kept = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '')
    .slice(0, LONGEST_NAME - HASH_LENGTH - 1)
    // Each label between dots must begin and end with a letter or digit.
    .replaceAll(/[.-]*\.[.-]*/g, '.')
    .replace(/[.-]+$/, '');
  return `${kept}-${hash}`;
}

const isPodName = (name: string): boolean =>
  name.length <= LONGEST_NAME &&
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);

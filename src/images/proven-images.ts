import type { ImageNode } from './image-node.js';
import { parseReference } from './image-reference.js';
import type { ListedImage } from './image-registry.js';
import type { Repository } from './image.js';
import type { PullReport } from './node-image.js';

/**
 * Images of a repository that nodes or our own pulls show to exist, by tag. Nodes name tags only of what was pulled by
 * tag alone; our pulls name both. A tag that is claimed for several digests counts for the first.
 */
export function provenImages(
  source: Repository,
  nodes: readonly ImageNode[],
  reports: readonly PullReport[],
): readonly ListedImage[] {
  const pulled = reports.filter(({ provenAt }) => provenAt !== undefined).map(({ reference }) => reference);
  const listed = nodes.flatMap(({ list }) =>
    Array.from(list?.names ?? [], ([digest, names]) => names.map((name) => `${name}@${digest}`)).flat(),
  );
  const found = new Map<string, ListedImage>();
  for (const text of [...pulled, ...listed]) {
    const image = readImage(text, source);
    if (image && !found.has(image.tag)) found.set(image.tag, image);
  }
  return [...found.values()];
}

function readImage(text: string, source: Repository): ListedImage | undefined {
  const parsed = parseReference(text);
  if (!parsed.ok) return undefined;
  const { registry, repository, tag, digest } = parsed.reference;
  if (registry !== source.registry || repository !== source.repository) return undefined;
  return tag === undefined || digest === undefined ? undefined : { tag, digest, sizeBytes: undefined };
}

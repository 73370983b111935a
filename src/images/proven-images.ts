import type { ImageNode } from './image-node.js';
import { parseReference } from './image-reference.js';
import type { ListedImage } from './image-registry.js';
import type { Repository } from './image.js';
import type { PullReport } from './node-image.js';

/** One tag, said to mean one digest. */
interface Claim extends ListedImage {
  readonly at: number;
}

/**
 * Images of a repository that nodes or the prepuller's records show to exist, by tag. Nodes name tags only of what was
 * pulled by tag alone; records name all that an image was known by. A tag that is claimed for several digests counts for
 * the one proven last.
 */
export function provenImages(
  source: Repository,
  nodes: readonly ImageNode[],
  reports: readonly PullReport[],
): readonly ListedImage[] {
  const recorded = reports.flatMap((report) => claimsOf(report, source));
  const listed = nodes.flatMap(({ list }) =>
    Array.from(list?.names ?? [], ([digest, names]) => names.map((name) => `${name}@${digest}`)).flat(),
  );
  const claims = [
    ...recorded.sort((a, b) => b.at - a.at),
    ...listed.flatMap((text) => readImage(text, source) ?? []),
  ];
  const found = new Map<string, ListedImage>();
  for (const { tag, digest, sizeBytes } of claims) {
    if (!found.has(tag)) found.set(tag, { tag, digest, sizeBytes });
  }
  return [...found.values()];
}

function claimsOf(
  { aliases = [], provenAt, reference, sightedAt }: PullReport,
  source: Repository,
): readonly Claim[] {
  const at = provenAt ?? sightedAt;
  const image = at === undefined ? undefined : readImage(reference, source);
  return image && at !== undefined ? [image.tag, ...aliases].map((tag) => ({ ...image, tag, at })) : [];
}

function readImage(text: string, source: Repository): ListedImage | undefined {
  const parsed = parseReference(text);
  if (!parsed.ok) return undefined;
  const { registry, repository, tag, digest } = parsed.reference;
  if (registry !== source.registry || repository !== source.repository) return undefined;
  return tag === undefined || digest === undefined ? undefined : { tag, digest, sizeBytes: undefined };
}

import { atOnce } from '../common/steps.js';
import type { Steps } from '../common/steps.js';
import { ImageCollection } from './image-collection.js';
import type { ListedImage } from './image-registry.js';
import { readTagsInSteps, selectPrepulls } from './image-selection.js';
import type { SelectionSettings } from './image-selection.js';
import type { Repository, TaggedDigest } from './image.js';
import type { KnownImages } from './known-images.js';
import type { Tag } from './tag.js';

export interface RepositorySettings {
  readonly source: Repository;
  readonly selection: SelectionSettings;
}

/** A registry listed `tags`, and told the digests of those that were asked for. */
export function knownFromDigests(
  tags: readonly Tag[],
  lookups: { readonly found: readonly TaggedDigest[]; readonly untold: readonly Tag[] },
  { source, selection }: RepositorySettings,
): KnownImages {
  const images = new ImageCollection(lookups.found);
  return {
    source,
    recommendedTag: selection.recommendedTag,
    tags: byName(tags),
    images,
    complete: false,
    prepulls: images,
    untold: lookups.untold,
  };
}

/** A registry told all digests with the list; what is an alias shows by them, not by the configuration (contract 4.8). */
export function* knownFromListing(
  listed: readonly ListedImage[],
  { source, selection }: RepositorySettings,
): Steps<KnownImages> {
  const found = new Map(listed.map((image) => [image.tag, image]));
  const tags = yield* readTagsInSteps([...found.keys()], selection, { aliases: new Set() });
  const images = new ImageCollection(
    tags.flatMap((tag) => {
      const image = found.get(tag.tag);
      return image ? [{ tag, digest: image.digest, sizeBytes: image.sizeBytes }] : [];
    }),
  );
  yield undefined;
  const current = images.all().map(({ tag }) => tag);
  const wanted = new Set(selectPrepulls(current, selection).map(({ tag }) => tag));
  return {
    source,
    recommendedTag: selection.recommendedTag,
    tags: byName(current),
    images,
    complete: true,
    prepulls: images.subset(({ tag }) => wanted.has(tag.tag)),
    untold: [],
  };
}

/**
 * What nodes have, while the registry has told nothing yet: enough to start what is there already (design section 6).
 * Undefined if that is nothing. It is not complete: the registry may hold any other tag and digest.
 */
export function knownFromNodes(
  proven: readonly ListedImage[],
  settings: RepositorySettings,
): KnownImages | undefined {
  if (proven.length === 0) return undefined;
  return { ...atOnce(knownFromListing(proven, settings)), complete: false };
}

const byName = (tags: readonly Tag[]): ReadonlyMap<string, Tag> => new Map(tags.map((tag) => [tag.tag, tag]));

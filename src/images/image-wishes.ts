import { resolved } from './image.js';
import type { WishedImage } from './image.js';
import type { KnownImages } from './known-images.js';

/** As many names of one image as are kept; a digest with more is one that somebody tags by machine. */
const MOST_ALIASES = 32;

/**
 * What should be on every node, one for each digest under the tag that says what it is (contract 9.3): the recommended
 * image first, since most people take it, then in menu order, the newest of each kind first. Without images for one
 * architecture, which not every node could run. Of its other names, those count that were to be kept too.
 */
export function wantedOf({ source, recommendedTag, prepulls }: KnownImages): readonly WishedImage[] {
  const primaries = prepulls.all().filter((image) => prepulls.byDigest(image.digest) === image);
  const wanted = primaries.filter(({ tag }) => tag.architecture === undefined);
  const first = prepulls.byTag(recommendedTag)?.digest;
  return [
    ...wanted.filter(({ digest }) => digest === first),
    ...wanted.filter(({ digest }) => digest !== first),
  ].map((image) => ({
    ...resolved(source, image),
    aliases: image.aliases.filter((alias) => prepulls.byTag(alias)).slice(0, MOST_ALIASES),
  }));
}

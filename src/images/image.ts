import { printReference } from './image-reference.js';
import type { Tag } from './tag.js';

/** An image that a lab can run, pinned: what its tag points to later makes no difference to it. */
export interface ResolvedImage {
  /** `registry/repository:tag@digest`. */
  readonly reference: string;
  readonly tag: string;
  readonly digest: string;
  /** For people: `Weekly 2077_43`, `Recommended (Weekly 2077_43)`. */
  readonly displayName: string;
}

/** An image that should be on every node, with the other names by which people ask for it. */
export interface WishedImage extends ResolvedImage {
  /** Sorted. */
  readonly aliases: readonly string[];
}

/** A tag whose digest is known. */
export interface TaggedDigest {
  readonly tag: Tag;
  readonly digest: string;
  /** As the registry tells it, compressed; some do not. */
  readonly sizeBytes?: number | undefined;
}

/** A tag among others of its repository: what else has the same content (contract 4.6). */
export interface Image extends TaggedDigest {
  /** All other known tags with the same digest, sorted. */
  readonly aliases: readonly string[];
  /** The tag that says what a resolved alias contains; its type is then `Alias`. */
  readonly aliasTarget?: string;
}

/** The one repository that lab images come from. */
export interface Repository {
  /** Host, with port if needed. */
  readonly registry: string;
  readonly repository: string;
}

export function resolved({ registry, repository }: Repository, { tag, digest }: TaggedDigest): ResolvedImage {
  const reference = printReference({ registry, repository, tag: tag.tag, digest });
  return { reference, tag: tag.tag, digest, displayName: tag.displayName };
}

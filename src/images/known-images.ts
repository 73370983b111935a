import type { ImageCollection } from './image-collection.js';
import type { Repository } from './image.js';
import type { Tag } from './tag.js';

/** What is known of the repository. */
export interface KnownImages {
  readonly source: Repository;
  readonly recommendedTag: string;
  /** Every tag that counts, in menu order. */
  readonly tags: ReadonlyMap<string, Tag>;
  /** Those with known digests. */
  readonly images: ImageCollection;
  /** Whether `images` holds all `tags`: some registries tell all digests at once. */
  readonly complete: boolean;
  /** Those to keep on the nodes. */
  readonly prepulls: ImageCollection;
  /** Tags that should be among `prepulls`, but the registry did not tell their digests. */
  readonly untold: readonly Tag[];
}

import type { Instant } from '../common/units.js';
import { printReference } from './image-reference.js';
import type { Image } from './image.js';
import type { KnownImages } from './known-images.js';
import { TagSieve } from './tag.filter.js';
import type { Exclusion, MenuFilters } from './tag.filter.js';
import { sortByTag } from './tag.order.js';
import type { Tag } from './tag.js';

/** One line of a menu. */
export interface MenuEntry {
  /** With digest if it is known. */
  readonly reference: string;
  readonly displayName: string;
}

/** What the spawn form offers (contract 4.8). */
export interface ImageMenu {
  /** Images that are on every node, after the recommended one, which is there in any case. */
  readonly radio: readonly MenuEntry[];
  /** Whatever the filters let pass; all of it can be started, if perhaps slowly. */
  readonly dropdown: readonly MenuEntry[];
}

/** A tag with what is known of it, and why the drop-down menu leaves it out if it does. */
export interface JudgedTag {
  readonly tag: Tag;
  readonly digest: string | undefined;
  readonly exclusion: Exclusion | undefined;
}

type IsPrepulled = (digest: string) => boolean;

/**
 * The images of the radio menu: the recommended one first, the others if they are on every node. What an alias in it
 * already stands for is not shown twice.
 */
export function radioImages(
  { prepulls, recommendedTag }: KnownImages,
  isPrepulled: IsPrepulled,
): readonly Image[] {
  const images = prepulls.all();
  const anywhere = images.filter(({ tag }) => tag.architecture === undefined);
  const aliased = new Set(anywhere.map(({ aliasTarget }) => aliasTarget));
  const shown = anywhere.filter(({ tag }) => !aliased.has(tag.tag));
  const isRecommended = ({ tag }: Image): boolean => tag.tag === recommendedTag;
  return [
    ...shown.filter(isRecommended),
    ...shown.filter((image) => !isRecommended(image) && isPrepulled(image.digest)),
  ];
}

/** Every tag that counts, in menu order, as aliases are known by now, with the verdict of the filters. */
export function judgeTags(known: KnownImages, filters: MenuFilters, now: Instant): readonly JudgedTag[] {
  const sieve = new TagSieve(filters, now);
  return currentTags(known).map((tag) => ({
    tag,
    digest: known.images.byTag(tag.tag)?.digest,
    exclusion: sieve.exclusionOf(tag),
  }));
}

/** Both menus. */
export function menuOf(
  known: KnownImages,
  filters: MenuFilters,
  { now, isPrepulled }: { readonly now: Instant; readonly isPrepulled: IsPrepulled },
): ImageMenu {
  const entry = ({ tag, digest }: { tag: Tag; digest?: string | undefined }): MenuEntry => ({
    reference: printReference({ ...known.source, tag: tag.tag, ...(digest !== undefined && { digest }) }),
    displayName: tag.displayName,
  });
  const offered = judgeTags(known, filters, now).filter(({ exclusion }) => exclusion === undefined);
  return { radio: radioImages(known, isPrepulled).map(entry), dropdown: offered.map(entry) };
}

/** A tag whose digest is known may have turned out to be an alias, which moves it in the order. */
function currentTags({ tags, images }: KnownImages): readonly Tag[] {
  const all = Array.from(tags.values());
  const current = all.map((tag) => images.byTag(tag.tag)?.tag ?? tag);
  return current.every((tag, index) => tag.type === all[index]?.type)
    ? current
    : sortByTag(current, (tag) => tag);
}

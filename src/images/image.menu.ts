import { atOnce } from '../common/steps.js';
import type { Steps } from '../common/steps.js';
import type { Instant } from '../common/units.js';
import { printReference } from './image-reference.js';
import type { Image } from './image.js';
import type { KnownImages } from './known-images.js';
import { TagSieve } from './tag.filter.js';
import type { Exclusion, MenuFilters } from './tag.filter.js';
import { sortSteps } from './tag.order.js';
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

/** So many tags are judged in well under a millisecond. */
const TAGS_A_STEP = 200;

type IsPrepulled = (digest: string) => boolean;

/**
 * The images of the radio menu: the recommended one first, the others if they are on every node. What an alias in it
 * already stands for is not shown twice.
 */
function radioImages({ prepulls, recommendedTag }: KnownImages, isPrepulled: IsPrepulled): readonly Image[] {
  const anywhere = prepulls.all().filter(({ tag }) => tag.architecture === undefined);
  const standIns = standInsOf(anywhere);
  const shown = anywhere.filter(({ tag }) => !standIns.has(tag.tag));
  const isRecommended = ({ tag }: Image): boolean => tag.tag === recommendedTag;
  return [
    ...shown.filter(isRecommended),
    ...shown.filter((image) => !isRecommended(image) && isPrepulled(image.digest)),
  ];
}

/** Which alias the radio menu shows in the place of a tag, by that tag. */
export const aliasesShown = ({ prepulls }: Pick<KnownImages, 'prepulls'>): ReadonlyMap<string, string> =>
  standInsOf(prepulls.all().filter(({ tag }) => tag.architecture === undefined));

const standInsOf = (images: readonly Image[]): ReadonlyMap<string, string> =>
  new Map(
    images.flatMap(({ aliasTarget, tag }) => (aliasTarget === undefined ? [] : [[aliasTarget, tag.tag]])),
  );

/** Every tag that counts, in menu order, as aliases are known by now, with the verdict of the filters. */
export function judgeTags(known: KnownImages, filters: MenuFilters, now: Instant): readonly JudgedTag[] {
  return atOnce(judgeInSteps(known, filters, now));
}

function* judgeInSteps(known: KnownImages, filters: MenuFilters, now: Instant): Steps<readonly JudgedTag[]> {
  const sieve = new TagSieve(filters, now);
  const judged: JudgedTag[] = [];
  for (const [index, tag] of (yield* currentTags(known)).entries()) {
    if (index % TAGS_A_STEP === 0) yield undefined;
    const digest = known.images.byTag(tag.tag)?.digest;
    judged.push({ tag, digest, exclusion: sieve.exclusionOf(tag) });
  }
  return judged;
}

/** What the radio menu shows. */
export function radioMenu(known: KnownImages, isPrepulled: IsPrepulled): ImageMenu['radio'] {
  return radioImages(known, isPrepulled).map((image) => entryOf(known, image));
}

/** What the drop-down menu shows; in steps, since it may be thousands. */
export function* dropdownInSteps(
  known: KnownImages,
  filters: MenuFilters,
  now: Instant,
): Steps<ImageMenu['dropdown']> {
  const entries: MenuEntry[] = [];
  for (const [index, judged] of (yield* judgeInSteps(known, filters, now)).entries()) {
    if (index % TAGS_A_STEP === 0) yield undefined;
    if (judged.exclusion === undefined) entries.push(entryOf(known, judged));
  }
  return entries;
}

function entryOf({ source }: KnownImages, { tag, digest }: Pick<JudgedTag, 'tag' | 'digest'>): MenuEntry {
  const { registry, repository } = source;
  const reference = { registry, repository, tag: tag.tag, ...(digest !== undefined && { digest }) };
  return { reference: printReference(reference), displayName: tag.displayName };
}

/** A tag whose digest is known may have turned out to be an alias, which moves it in the order. */
function* currentTags({ tags, images }: KnownImages): Steps<readonly Tag[]> {
  const all = Array.from(tags.values());
  const current = all.map((tag) => images.byTag(tag.tag)?.tag ?? tag);
  yield undefined;
  if (current.every((tag, index) => tag.type === all[index]?.type)) return current;
  return yield* sortSteps(current, (tag) => tag);
}

import { atOnce } from '../common/steps.js';
import type { Steps } from '../common/steps.js';
import { parseAlias, parseTag } from './tag.grammar.js';
import { sortSteps } from './tag.order.js';
import type { Tag, TagType } from './tag.js';

/** Which of a repository's tags matter, from the configuration (contract 3.2). */
export interface SelectionSettings {
  readonly recommendedTag: string;
  readonly numReleases: number;
  readonly numWeeklies: number;
  readonly numDailies: number;
  /** Only tags of this cycle count; the recommended tag counts whatever its cycle. */
  readonly cycle?: number | null | undefined;
  /** Tags that are always prepulled. */
  readonly pin: readonly string[];
  /** Tags that are known to be names of other images. */
  readonly aliasTags: readonly string[];
}

/** So many tags are read in well under a millisecond. */
const TAGS_A_STEP = 100;

/** Every tag that the configuration lets count, parsed, in menu order (contract 4.8, step 1). */
export function readTags(names: readonly string[], settings: SelectionSettings): readonly Tag[] {
  return atOnce(readTagsInSteps(names, settings));
}

export interface ReadingAids {
  /** Tags that are known to be no more than names; default what the settings name. */
  readonly aliases?: ReadonlySet<string>;
  /** Tags that were read before, by the same settings. */
  readonly known?: ReadonlyMap<string, Tag> | undefined;
}

/** As {@link readTags}, for repositories with thousands of tags. */
export function* readTagsInSteps(
  names: readonly string[],
  settings: SelectionSettings,
  { aliases = new Set([settings.recommendedTag, ...settings.aliasTags]), known }: ReadingAids = {},
): Steps<readonly Tag[]> {
  const tags: Tag[] = [];
  for (const [index, name] of [...new Set(names)].entries()) {
    const tag = known?.get(name) ?? (aliases.has(name) ? parseAlias(name) : parseTag(name));
    if (counts(tag, settings)) tags.push(tag);
    if (index % TAGS_A_STEP === 0) yield undefined;
  }
  return yield* sortSteps(tags, (tag) => tag);
}

/** The operator recommended that very tag: a cycle narrows the choice around it, but does not take it back. */
export function counts(tag: Tag, { cycle, recommendedTag }: SelectionSettings): boolean {
  return cycle === undefined || cycle === null || tag.cycle === cycle || tag.tag === recommendedTag;
}

/**
 * The tags to keep on the nodes: the newest of each kind, the recommended and the pinned (contract 4.8, step 2).
 *
 * Each once, in the given order. Tags for one architecture only if they are named: the operator knows best.
 *
 * @param tags in menu order
 */
export function selectPrepulls(tags: readonly Tag[], settings: SelectionSettings): readonly Tag[] {
  const named = new Set([settings.recommendedTag, ...settings.pin]);
  const newest = new Set<Tag>([
    ...firstOf(tags, 'Release', settings.numReleases),
    ...firstOf(tags, 'Weekly', settings.numWeeklies),
    ...firstOf(tags, 'Daily', settings.numDailies),
  ]);
  return tags.filter((tag) => newest.has(tag) || named.has(tag.tag));
}

function firstOf(tags: readonly Tag[], type: TagType, count: number): readonly Tag[] {
  return tags.filter((tag) => tag.type === type && tag.architecture === undefined).slice(0, count);
}

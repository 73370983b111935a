import { atOnce } from '../common/steps.js';
import type { Steps } from '../common/steps.js';
import { compareVersions } from './semantic-version.js';
import { TAG_TYPES } from './tag.js';
import type { Tag, TagType } from './tag.js';

/**
 * Orders tags of one type from old to new: negative if `a` is older (contract 4.5).
 *
 * A total preorder: tags that differ only in what the keys do not see compare as equal.
 */
export function compareTags(a: Tag, b: Tag): number {
  return (
    compareCores(a, b) ||
    compareLowest(a.cycle, b.cycle) ||
    compareLowest(a.cycleBuild, b.cycleBuild) ||
    compareLowest(a.rspBuild, b.rspBuild) ||
    compareLowest(a.extra, b.extra) ||
    compareHighest(a.architecture, b.architecture)
  );
}

/** Menu order: by type, then the newest first; what compares as equal keeps its place. */
export function sortByTag<T>(items: readonly T[], tagOf: (item: T) => Tag): readonly T[] {
  return atOnce(sortSteps(items, tagOf));
}

/** As {@link sortByTag}, one type a step. */
export function* sortSteps<T>(items: readonly T[], tagOf: (item: T) => Tag): Steps<readonly T[]> {
  const byType = new Map<TagType, T[]>(TAG_TYPES.map((type) => [type, []]));
  for (const item of items) byType.get(tagOf(item).type)?.push(item);
  for (const group of byType.values()) {
    group.sort((left, right) => compareTags(tagOf(right), tagOf(left)));
    yield undefined;
  }
  return [...byType.values()].flat();
}

function compareCores(a: Tag, b: Tag): number {
  return a.version && b.version ? compareVersions(a.version, b.version) : compareLowest(a.base, b.base);
}

function compareLowest<T extends string | number>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a < b ? -1 : 1;
}

/** Descending lists thus show the image for every architecture before those for one. */
function compareHighest(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}

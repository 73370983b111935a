import type { Instant, Millis } from '../common/units.js';
import { compareVersions, parseVersion } from './semantic-version.js';
import type { Tag, TagType } from './tag.js';

/** Which tags of one type the drop-down menu offers (contract 3.3); all rules must hold. */
export interface TagFilter {
  /** At most so many, the newest; 0 is no limit. */
  readonly number?: number | undefined;
  readonly age?: Millis | undefined;
  readonly cutoffBuild?: number | undefined;
  readonly cutoffDate?: Instant | undefined;
  readonly cutoffVersion?: string | undefined;
}

export interface MenuFilters {
  readonly release?: TagFilter | undefined;
  readonly weekly?: TagFilter | undefined;
  readonly daily?: TagFilter | undefined;
  readonly releaseCandidate?: TagFilter | undefined;
  readonly experimental?: TagFilter | undefined;
}

/** Why a tag is not in the drop-down menu; stable words. */
export type Exclusion =
  | 'for_one_architecture'
  | 'below_cutoff_build'
  | 'before_cutoff_date'
  | 'below_cutoff_version'
  | 'beyond_number';

/** Aliases and what nobody can read are always offered (contract 4.8). */
const FILTER_OF: Readonly<Partial<Record<TagType, keyof MenuFilters>>> = {
  Release: 'release',
  Weekly: 'weekly',
  Daily: 'daily',
  'Release Candidate': 'releaseCandidate',
  Experimental: 'experimental',
};

/** Judges tags in menu order, newest first, since a filter counts what it let pass. */
export class TagSieve {
  private readonly kept = new Map<TagType, number>();

  constructor(
    private readonly filters: MenuFilters,
    private readonly now: Instant,
  ) {}

  /** Undefined if the tag belongs into the menu. Ask once for each tag. */
  exclusionOf(tag: Tag): Exclusion | undefined {
    if (tag.architecture !== undefined) return 'for_one_architecture';
    const name = FILTER_OF[tag.type];
    const filter = name && this.filters[name];
    if (!filter) return undefined;
    const excluded = exclusionBy(filter, tag, this.now);
    if (excluded) return excluded;
    const kept = this.kept.get(tag.type) ?? 0;
    if (filter.number && kept >= filter.number) return 'beyond_number';
    this.kept.set(tag.type, kept + 1);
    return undefined;
  }
}

/** What a tag does not say never excludes it. */
function exclusionBy(filter: TagFilter, tag: Tag, now: Instant): Exclusion | undefined {
  const { cutoffBuild = -Infinity, cutoffVersion } = filter;
  if ((tag.rspBuild ?? Infinity) < cutoffBuild) return 'below_cutoff_build';
  if ((tag.date ?? Infinity) < cutoffDate(filter, now)) return 'before_cutoff_date';
  return cutoffVersion !== undefined && isBelow(tag, cutoffVersion) ? 'below_cutoff_version' : undefined;
}

/** Weeklies and dailies have dates, not versions, whatever theirs looks like. */
function isBelow({ semantic, version }: Tag, cutoffVersion: string): boolean {
  const cutoff = parseVersion(cutoffVersion);
  return semantic && version !== undefined && cutoff !== undefined && compareVersions(version, cutoff) < 0;
}

const cutoffDate = ({ cutoffDate: fixed, age }: TagFilter, now: Instant): number =>
  Math.max(fixed ?? -Infinity, age === undefined ? -Infinity : now - age);

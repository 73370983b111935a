import type { Instant } from '../common/units.js';
import type { SemanticVersion } from './semantic-version.js';

/** What a tag's form says about an image, in the order of menus (contract 4.1). The words are published. */
export const TAG_TYPES = [
  'Alias',
  'Release',
  'Weekly',
  'Daily',
  'Release Candidate',
  'Experimental',
  'Unknown',
] as const;

export type TagType = (typeof TAG_TYPES)[number];

/** What can be known of an image from its tag alone (contract 4.3). Made by `parseTag` and `parseAlias` only. */
export interface Tag {
  /** The tag as the registry spells it; never empty. */
  readonly tag: string;
  readonly type: TagType;
  readonly displayName: string;
  /** Releases `major.minor.patch[-rcN]`, weeklies `year.week.0`, dailies `year.month.day`. */
  readonly version?: SemanticVersion;
  /** Whether `version` is a software version rather than a date. */
  readonly semantic: boolean;
  /** UTC midnight of the day, or of the Thursday of the week; an alias has its target's. */
  readonly date?: Instant;
  /** Of unknown tags and aliases: the tag without cycle and architecture. */
  readonly base?: string;
  readonly cycle?: number;
  readonly cycleBuild?: number;
  readonly rspBuild?: number;
  readonly extra?: string;
  /** Tags for one architecture are kept out of menus and classes. */
  readonly architecture?: string;
}

import { calendarDay, thursdayOfWeek } from './tag-date.js';
import { printVersion } from './semantic-version.js';
import type { Tag, TagType } from './tag.js';

type Captures = Readonly<Partial<Record<string, string>>>;
/** What the core of a tag says; the optional parts are added by {@link withParts}. */
type Core = Pick<Tag, 'type' | 'displayName' | 'version' | 'semantic' | 'date' | 'base'>;

interface Rule {
  readonly pattern: RegExp;
  /** Undefined if the digits name nothing that exists, such as week 54; the next rule is tried then. */
  readonly read: (captures: Captures) => Core | undefined;
}

const CYCLE_BUILD = '(?:_c(?<cycle>\\d+)\\.(?<cycleBuild>\\d+))?';
const RSP = '(?:_rsp(?<rspBuild>\\d+))?';
const REST = '(?:_(?<extra>.+?))?';
const ARCHITECTURE = '(?:-(?<architecture>[a-z0-9]+))?';

/*
 * The grammar of contract 4.2 in its order: the whole tag must match, and the first match wins. Told apart by the first
 * letter, since a repository may hold ten thousand tags.
 */

const RELEASES: readonly Rule[] = [
  {
    pattern: withTail('r(?<a>\\d+)_(?<b>\\d+)_(?<c>\\d+)_rc(?<rc>\\d+)'),
    read: readRelease('Release Candidate'),
  },
  { pattern: withTail('r(?<a>\\d+)_(?<b>\\d+)_(?<c>\\d+)'), read: readRelease('Release') },
  { pattern: /^r(?<a>\d\d)(?<b>\d)$/s, read: readRelease('Release') },
];
const WEEKLIES: readonly Rule[] = [{ pattern: withTail('w_(?<year>\\d+)_(?<week>\\d+)'), read: readWeekly }];
const DAILIES: readonly Rule[] = [
  { pattern: withTail('d_(?<year>\\d+)_(?<month>\\d+)_(?<day>\\d+)'), read: readDaily },
];
/** A base is never empty, so that every tag has a name to show. */
const NAMES: readonly Rule[] = [
  { pattern: new RegExp(`^(?<base>.+?)_c(?<cycle>\\d+)${ARCHITECTURE}$`, 's'), read: readUnknown },
  { pattern: new RegExp(`^(?<base>.+?)${ARCHITECTURE}$`, 's'), read: readUnknown },
];

const RULES: Readonly<Partial<Record<string, readonly Rule[]>>> = {
  r: [...RELEASES, ...NAMES],
  w: [...WEEKLIES, ...NAMES],
  d: [...DAILIES, ...NAMES],
};

const EXPERIMENTAL = 'exp_';

/** Reads any text as a tag. Never throws; whatever fits no pattern is `Unknown`. The empty text means `latest`. */
export function parseTag(text: string): Tag {
  if (text === '') return parseTag('latest');
  const start = endOfPrefixes(text);
  const inner = readTag(text.slice(start), RULES[text.charAt(start)] ?? NAMES);
  if (start === 0) return inner;
  const prefix = 'Experimental '.repeat(start / EXPERIMENTAL.length);
  return { ...inner, tag: text, type: 'Experimental', displayName: prefix + inner.displayName };
}

/** Reads a tag that the configuration declares to be an alias, so that its form says nothing about its content. */
export function parseAlias(text: string): Tag {
  const unknown = readTag(text === '' ? 'latest' : text, NAMES);
  const base = unknown.base ?? unknown.tag;
  return { ...unknown, type: 'Alias', displayName: titleCase(base) + unknown.displayName.slice(base.length) };
}

/** `latest_weekly` becomes `Latest Weekly`, `r2d2_x` becomes `R2D2 X` (contract, appendix A). */
export function titleCase(base: string): string {
  return base
    .replaceAll('_', ' ')
    .replace(/\p{L}+/gu, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
}

function withTail(core: string): RegExp {
  return new RegExp(`^${core}${CYCLE_BUILD}${RSP}${REST}${ARCHITECTURE}$`, 's');
}

/** Where the text after all leading `exp_` begins; a loop, because a hostile tag may repeat it a million times. */
function endOfPrefixes(text: string): number {
  let start = 0;
  while (text.startsWith(EXPERIMENTAL, start) && text.length > start + EXPERIMENTAL.length) {
    start += EXPERIMENTAL.length;
  }
  return start;
}

function readTag(tag: string, rules: readonly Rule[]): Tag {
  for (const { pattern, read } of rules) {
    const captures = pattern.exec(tag)?.groups;
    const core = captures && read(captures);
    if (core) return withParts(tag, core, captures);
  }
  // Unreachable for a tag that is not empty: the last rule takes every text.
  return { tag, type: 'Unknown', displayName: tag, semantic: false, base: tag };
}

/** Written field by field: copies of optional parts cost more than all the rest of reading ten thousand tags. */
function withParts(tag: string, core: Core, captures: Captures): Tag {
  const read: { -readonly [K in keyof Tag]: Tag[K] } = Object.assign(core, { tag });
  const { cycle, cycleBuild, rspBuild, extra, architecture } = captures;
  const build = cycleBuild === undefined ? '' : `, Build ${cycleBuild}`;
  // The digits are shown as written, leading zeros included.
  if (cycle !== undefined) {
    read.cycle = Number(cycle);
    read.displayName += ` (SAL Cycle ${cycle}${build})`;
  }
  if (cycleBuild !== undefined) read.cycleBuild = Number(cycleBuild);
  if (rspBuild !== undefined) {
    read.rspBuild = Number(rspBuild);
    read.displayName += ` (RSP Build ${rspBuild})`;
  }
  if (extra !== undefined) {
    read.extra = extra;
    read.displayName += ` [${extra}]`;
  }
  if (architecture !== undefined) {
    read.architecture = architecture;
    read.displayName += ` [${architecture}]`;
  }
  return read;
}

function readRelease(type: TagType) {
  return ({ a, b, c, rc }: Captures): Core | undefined => {
    const [major, minor, patch] = [Number(a), Number(b), Number(c ?? 0)];
    // Beyond this, digits are lost and two versions would look the same.
    if (![major, minor, patch].every(Number.isSafeInteger)) return undefined;
    const version =
      rc === undefined ? { major, minor, patch } : { major, minor, patch, prerelease: `rc${rc}` };
    return { type, displayName: `${type} r${printVersion(version)}`, version, semantic: true };
  };
}

function readWeekly({ year = '', week = '' }: Captures): Core | undefined {
  const date = thursdayOfWeek(Number(year), Number(week));
  if (date === undefined) return undefined;
  const version = { major: Number(year), minor: Number(week), patch: 0 };
  return { type: 'Weekly', displayName: `Weekly ${year}_${week}`, version, semantic: false, date };
}

function readDaily({ year = '', month = '', day = '' }: Captures): Core | undefined {
  const date = calendarDay(Number(year), Number(month), Number(day));
  if (date === undefined) return undefined;
  const version = { major: Number(year), minor: Number(month), patch: Number(day) };
  return { type: 'Daily', displayName: `Daily ${year}_${month}_${day}`, version, semantic: false, date };
}

function readUnknown({ base = '' }: Captures): Core {
  return { type: 'Unknown', displayName: base, semantic: false, base };
}

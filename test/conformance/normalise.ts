import { at, isFields, type Fields } from './json.js';

/** What one server is free to choose and another may choose differently. */
const ADDRESS = /"10\.96\.\d+\.\d+"/g;
const TOKEN_VOLUME = /kube-api-access-[a-z0-9]{5}/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const DAY_MS = 86_400_000;
/** Ids beginning like this are the case's own, not the server's. */
const FIXED_UUID = '00000000-';

/**
 * Makes the answers of two servers comparable: identities become numbers in the order of their appearance, versions
 * ranks among those seen, times of today a word. Nothing else is touched: codes, reasons, causes, messages, fields
 * and the order of lists stay as they came.
 */
export function normalise(steps: unknown, names: ReadonlyMap<string, string>): unknown {
  const ranks = ranksOf(versionsIn(steps));
  const text = JSON.stringify(withRanks(steps, ranks), undefined, 1);
  return JSON.parse(withoutIdentities(withoutNames(text, names)));
}

function withoutNames(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((rest, [name, shown]) => rest.replaceAll(name, shown), text);
}

function withoutIdentities(text: string): string {
  const seen = new Map<string, string>();
  const number = (uuid: string): string => {
    if (uuid.startsWith(FIXED_UUID)) return uuid;
    if (!seen.has(uuid)) seen.set(uuid, `<uid ${seen.size + 1}>`);
    return seen.get(uuid) ?? '';
  };
  return text
    .replace(UUID, number)
    .replace(TIME, (time) => (Math.abs(Date.parse(time) - Date.now()) < DAY_MS ? '<now>' : time))
    .replace(ADDRESS, '"<address>"')
    .replace(TOKEN_VOLUME, 'kube-api-access-<random>');
}

/** A list's version is the cluster's, which others move on too; only its place among the objects' is comparable. */
const isCollection = (holder: Fields): boolean =>
  typeof holder.kind === 'string' && (holder.kind.endsWith('List') || holder.kind === 'Table');

const isVersion = (value: unknown): value is string => typeof value === 'string' && /^[1-9]\d*$/.test(value);

function versionsIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(versionsIn);
  if (!isFields(value)) return [];
  const own = at(value, 'metadata', 'resourceVersion');
  const isObject = isVersion(own) && !isCollection(value) && !isBookmark(value);
  return [...(isObject ? [Number(own)] : []), ...Object.values(value).flatMap(versionsIn)];
}

function ranksOf(versions: readonly number[]): readonly number[] {
  return [...new Set(versions)].sort((a, b) => a - b);
}

/** A bookmark's object has a version and nothing else. */
const isBookmark = (holder: Fields): boolean => isFields(holder.metadata) && !('name' in holder.metadata);

function withRanks(value: unknown, ranks: readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((each) => withRanks(each, ranks));
  if (!isFields(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'managedFields')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => [key, key === 'metadata' ? ranked(value, ranks) : withRanks(field, ranks)]);
  return Object.fromEntries(entries);
}

function ranked(holder: Fields, ranks: readonly number[]): unknown {
  const metadata = withRanks(holder.metadata, ranks);
  if (!isFields(metadata)) return metadata;
  const token = (metadata.continue ?? '') === '' ? {} : { continue: '<token>' };
  if (!isVersion(metadata.resourceVersion)) return { ...metadata, ...token };
  const version = Number(metadata.resourceVersion);
  const below = ranks.filter((each) => each <= version).length;
  const isFloor = isCollection(holder) || isBookmark(holder);
  const shown = isFloor ? `<not before v${below}>` : `<v${below}>`;
  return { ...metadata, resourceVersion: shown, ...token };
}

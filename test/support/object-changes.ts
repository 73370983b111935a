import { isDeepStrictEqual } from 'node:util';

/** A Kubernetes object as its builder made it. */
interface Built {
  readonly kind: { readonly kind: string };
  readonly ref: { readonly name: string };
  readonly object: unknown;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;
interface Parts {
  readonly fields: Fields;
  readonly isList: boolean;
}
/** One place that differs: absent `was` is an addition, absent `is` a removal. */
interface Change {
  was?: Json;
  is?: Json;
}

/** What tells the entries of a list apart. */
const KEYS = ['mountPath', 'name'] as const;
/** Follows from everything else in an object, so it would be in every comparison. */
const INTENT = 'berth.dev/intent';

/**
 * What differs between two sets of objects, by object and place. New objects are shown whole, those that are gone by
 * name; entries of lists are known by their name or mount path, and a list whose entries are not the same, or not in
 * the same order, is told with their order.
 */
export function changesOf(
  before: readonly Built[],
  after: readonly Built[],
): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  const [old, now] = [byName(before), byName(after)];
  for (const name of old.keys()) if (!now.has(name)) changes[`- ${name}`] = 'gone';
  for (const [name, object] of now) {
    const was = old.get(name);
    if (was === undefined) changes[`+ ${name}`] = object;
    else {
      const places: Record<string, Change> = {};
      compare(was, object, '', places);
      if (Object.keys(places).length > 0) changes[name] = places;
    }
  }
  return changes;
}

const byName = (objects: readonly Built[]): ReadonlyMap<string, Json> =>
  new Map(objects.map(({ kind, ref, object }) => [`${kind.kind} ${ref.name}`, plain(object)]));

/** As it would be sent, without the hash that everything else makes. */
const plain = (object: unknown): Json =>
  JSON.parse(JSON.stringify(object, (key, value: unknown) => (key === INTENT ? undefined : value))) as Json;

function compare(
  was: Json | undefined,
  is: Json | undefined,
  place: string,
  found: Record<string, Change>,
): void {
  if (isDeepStrictEqual(was, is)) return;
  const [before, after] = [fieldsOf(was), fieldsOf(is)];
  if (before && after && before.isList === after.isList) compareFields(before, after, place, found);
  else found[place] = { ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) };
}

function compareFields(before: Parts, after: Parts, place: string, found: Record<string, Change>): void {
  const { isList } = before;
  const below = (key: string): string => {
    if (isList) return `${place}[${key}]`;
    return place === '' ? key : `${place}.${key}`;
  };
  const [old, now] = [Object.keys(before.fields), Object.keys(after.fields)];
  for (const key of new Set([...old, ...now]))
    compare(before.fields[key], after.fields[key], below(key), found);
  if (isList && !isDeepStrictEqual(old, now)) found[`${place}.order`] = { is: now };
}

/** What to compare one by one: the fields of an object, or a list whose entries have names. */
function fieldsOf(value: Json | undefined): Parts | undefined {
  if (Array.isArray(value)) {
    const fields = namedEntries(value as readonly Json[]);
    return fields && { fields, isList: true };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return { fields: value as Fields, isList: false };
}

function namedEntries(list: readonly Json[]): Fields | undefined {
  for (const key of KEYS) {
    const names = list.map((one) => (one as Fields | null)?.[key]);
    if (names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
      return Object.fromEntries(list.map((one, index) => [String(names[index]), one]));
  }
  return undefined;
}

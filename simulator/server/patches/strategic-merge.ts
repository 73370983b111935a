import type { Fields } from '../objects.js';
import { clone, isFields, isSame, itemsOf, recordsOf } from '../objects.js';
import { mergeKeyOf } from './strategic-keys.js';

const DIRECTIVE = '$patch';
const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const RETAIN = '$retainKeys';

/** Kubernetes' strategic merge: like a merge patch, but known lists merge by key. Changes and answers `target`. */
export function strategicMerge(target: Fields, patch: Fields, parent = ''): Fields {
  if (patch[DIRECTIVE] === 'replace') return without(patch, [DIRECTIVE]);
  if (patch[DIRECTIVE] === 'delete') return {};
  retainKeys(target, patch);
  const before = new Map(orderedKeys(patch).map((key) => [key, clone(itemsOf(target[key]))]));
  for (const [key, value] of Object.entries(patch)) applyField(target, key, value, parent);
  for (const [key, original] of before)
    sortList(target, key, itemsOf(patch[ORDER + key]), { parent, original });
  return target;
}

function orderedKeys(patch: Fields): string[] {
  return Object.keys(patch)
    .filter((key) => key.startsWith(ORDER))
    .map((key) => key.slice(ORDER.length));
}

function applyField(target: Fields, key: string, value: unknown, parent: string): void {
  if (key === DIRECTIVE || key === RETAIN || key.startsWith(ORDER)) return;
  if (key.startsWith(DELETE_FROM)) removeValues(target, key.slice(DELETE_FROM.length), itemsOf(value));
  else mergeField(target, key, value, parent);
}

function mergeField(target: Fields, key: string, value: unknown, parent: string): void {
  if (value === null) {
    Reflect.deleteProperty(target, key);
    return;
  }
  if (isFields(value)) {
    const present = target[key];
    target[key] = strategicMerge(isFields(present) ? present : {}, value, key);
    return;
  }
  const mergeKey = Array.isArray(value) ? mergeKeyOf(parent, key) : undefined;
  if (mergeKey === undefined) target[key] = clone(value);
  else if (mergeKey === 'set') target[key] = union(itemsOf(target[key]), itemsOf(value));
  else target[key] = mergeList(recordsOf(target[key]), recordsOf(value), mergeKey, key);
}

function union(present: readonly unknown[], added: readonly unknown[]): unknown[] {
  const merged = [...present, ...added.filter((item) => !present.some((other) => isSame(item, other)))];
  return ordered(merged, added, present, undefined);
}

function mergeList(present: Fields[], patch: readonly Fields[], mergeKey: string, field: string): unknown[] {
  const original = present.map((item) => ({ [mergeKey]: item[mergeKey] }));
  if (patch.some((item) => item[DIRECTIVE] === 'replace' && Object.keys(item).length === 1)) {
    return patch.filter((item) => item[DIRECTIVE] === undefined).map(clone);
  }
  let list = present;
  for (const item of patch) {
    const id = item[mergeKey];
    const same = list.find((other) => isSame(other[mergeKey], id));
    if (item[DIRECTIVE] === 'delete') list = list.filter((other) => !isSame(other[mergeKey], id));
    else if (same && item[DIRECTIVE] === 'replace')
      list = list.map((other) => (other === same ? plain(item) : other));
    else if (same) strategicMerge(same, item, field);
    else list = [...list, strategicMerge({}, item, field)];
  }
  return ordered(list, patch, original, mergeKey);
}

function plain(item: Fields): Fields {
  return without(item, [DIRECTIVE]);
}

/**
 * The order Kubernetes gives a merged list: what the patch names, in the order it names it; what it does not name
 * stays in front of such of those as it stood in front of before. So a new item comes first.
 */
function ordered(
  list: readonly unknown[],
  order: readonly unknown[],
  original: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const idOf = (item: unknown): unknown => (mergeKey !== undefined && isFields(item) ? item[mergeKey] : item);
  const placeIn = (items: readonly unknown[], item: unknown): number =>
    items.findIndex((other) => isSame(idOf(other), idOf(item)));
  const named = list.filter((item) => placeIn(order, item) >= 0);
  named.sort((a, b) => placeIn(order, a) - placeIn(order, b));
  const rest = list.filter((item) => placeIn(order, item) < 0);
  const result: unknown[] = [];
  for (const item of named) {
    const place = placeIn(original, item);
    while (rest.length > 0 && place >= 0 && placeIn(original, rest[0]) < place) result.push(rest.shift());
    result.push(item);
  }
  return [...result, ...rest];
}

function sortList(target: Fields, key: string, order: readonly unknown[], sorting: Sorting): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  const mergeKey = mergeKeyOf(sorting.parent, key);
  target[key] = ordered(list, order, sorting.original, mergeKey === 'set' ? undefined : mergeKey);
}

interface Sorting {
  readonly parent: string;
  /** The list before the patch. */
  readonly original: readonly unknown[];
}

function removeValues(target: Fields, key: string, values: readonly unknown[]): void {
  const list = itemsOf(target[key]);
  target[key] = list.filter((item) => !values.some((value) => isSame(item, value)));
}

function retainKeys(target: Fields, patch: Fields): void {
  const retained = patch[RETAIN];
  if (!Array.isArray(retained)) return;
  for (const key of Object.keys(target)) if (!retained.includes(key)) Reflect.deleteProperty(target, key);
}

function without(fields: Fields, keys: readonly string[]): Fields {
  return clone(Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key))));
}

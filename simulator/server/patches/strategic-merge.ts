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
  for (const [key, value] of Object.entries(patch)) applyField(target, key, value, parent);
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(ORDER)) sortList(target, key.slice(ORDER.length), itemsOf(order), parent);
  }
  return target;
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
  else target[key] = mergeList(recordsOf(target[key]), recordsOf(value), { mergeKey, field: key });
}

function union(present: readonly unknown[], added: readonly unknown[]): unknown[] {
  return [...present, ...added.filter((item) => !present.some((other) => isSame(item, other)))];
}

function mergeList(
  present: Fields[],
  patch: readonly Fields[],
  { mergeKey, field }: { mergeKey: string; field: string },
): Fields[] {
  if (patch.some((item) => item[DIRECTIVE] === 'replace' && Object.keys(item).length === 1)) {
    return patch.filter((item) => item[DIRECTIVE] === undefined).map(clone);
  }
  let list = present;
  for (const item of patch) {
    const id = item[mergeKey];
    const same = list.find((other) => isSame(other[mergeKey], id));
    if (item[DIRECTIVE] === 'delete') list = list.filter((other) => !isSame(other[mergeKey], id));
    else if (item[DIRECTIVE] === 'replace')
      list = list.map((other) => (other === same ? without(item, [DIRECTIVE]) : other));
    else if (same) strategicMerge(same, item, field);
    else list = [...list, strategicMerge({}, item, field)];
  }
  return list;
}

function sortList(target: Fields, key: string, order: readonly unknown[], parent: string): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  const mergeKey = mergeKeyOf(parent, key);
  const idOf = (item: unknown): unknown =>
    mergeKey && mergeKey !== 'set' && isFields(item) ? item[mergeKey] : item;
  const rank = (item: unknown): number => {
    const place = order.findIndex((wanted) => isSame(idOf(wanted), idOf(item)));
    return place < 0 ? order.length : place;
  };
  target[key] = (list as unknown[])
    .map((item, index) => ({ item, index }))
    .sort((a, b) => rank(a.item) - rank(b.item) || a.index - b.index)
    .map(({ item }) => item);
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

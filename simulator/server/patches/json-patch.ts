import { ApiError } from '../api-error.js';
import type { Fields } from '../objects.js';
import { clone, isFields, isSame, textOf } from '../objects.js';

/** RFC 6902. Any operation that can't be done refuses the whole patch with the API server's 422. */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  return operations.reduce(apply, document);
}

function refused(): ApiError {
  const message = 'the server rejected our request due to an error in our request';
  return new ApiError(422, 'Invalid', message, {});
}

type Operation = (document: unknown, path: string[], operation: Fields) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: (document, path, { value }) => add(document, path, clone(value)),
  remove: (document, path) => remove(document, path),
  replace: (document, path, { value }) => replace(document, path, clone(value)),
  copy: (document, path, { from }) => add(document, path, clone(valueAt(document, pointer(from)))),
  move: (document, path, { from }) => move(document, pointer(from), path),
  test: (document, path, { value }) => {
    if (!isSame(foundAt(document, path) ?? null, value ?? null)) throw refused();
    return document;
  },
};

function apply(document: unknown, operation: unknown): unknown {
  if (!isFields(operation)) throw refused();
  const run = OPERATIONS[textOf(operation['op'])];
  if (!run) throw refused();
  return run(document, pointer(operation['path']), operation);
}

function pointer(path: unknown): string[] {
  if (path === '') return [];
  if (typeof path !== 'string' || !path.startsWith('/')) throw refused();
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const key of path) {
    if (Array.isArray(value)) value = (value as unknown[])[indexOf(key, value.length - 1)];
    else if (isFields(value) && Object.hasOwn(value, key)) value = value[key];
    else throw refused();
  }
  return value;
}

/** A field that is absent tests like null; what lies below it can't be tested. */
function foundAt(document: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return document;
  const { holder, key } = holderOf(document, path);
  return Array.isArray(holder) ? valueAt(holder, [key]) : holder[key];
}

function holderOf(document: unknown, path: readonly string[]): { holder: Fields | unknown[]; key: string } {
  const key = path.at(-1);
  const holder = valueAt(document, path.slice(0, -1));
  if (key === undefined || (!Array.isArray(holder) && !isFields(holder))) throw refused();
  return { holder, key };
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const { holder, key } = holderOf(document, path);
  if (Array.isArray(holder))
    holder.splice(key === '-' ? holder.length : indexOf(key, holder.length), 0, value);
  else holder[key] = value;
  return document;
}

function replace(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const { holder, key } = holderOf(document, path);
  // A key that is absent is simply set, which RFC 6902 does not ask for.
  if (Array.isArray(holder)) holder[indexOf(key, holder.length - 1)] = value;
  else holder[key] = value;
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  valueAt(document, path);
  const { holder, key } = holderOf(document, path);
  if (Array.isArray(holder)) holder.splice(indexOf(key, holder.length - 1), 1);
  else Reflect.deleteProperty(holder, key);
  return document;
}

function move(document: unknown, from: readonly string[], to: readonly string[]): unknown {
  const value = valueAt(document, from);
  return add(remove(document, from), to, value);
}

function indexOf(key: string, max: number): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > max) throw refused();
  return Number(key);
}

/** Shapes of Kubernetes objects as far as a storage server must know them, and safe ways into unknown JSON. */

export type Fields = Record<string, unknown>;

export interface OwnerReference extends Fields {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta extends Fields {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface KubeObject extends Fields {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty one (reading only: writes to the empty one are lost). */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The object under a key, created when it is absent. */
export function ensureFields(parent: Fields, key: string): Fields {
  const present = parent[key];
  if (isFields(present)) return present;
  const made: Fields = {};
  parent[key] = made;
  return made;
}

export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function recordsOf(value: unknown): Fields[] {
  return itemsOf(value).filter(isFields);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textsOf(value: unknown): string[] {
  return itemsOf(value).filter((item) => typeof item === 'string');
}

export function setDefault(parent: Fields, key: string, value: unknown): void {
  if (parent[key] === undefined || parent[key] === null) parent[key] = value;
}

export function clone<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

/** Equality of JSON values; a field that is undefined counts as absent, the order of fields does not matter. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) return isSameList(left, right);
  if (!isFields(left) || !isFields(right)) return false;
  const keys = Object.keys(left).filter((key) => left[key] !== undefined);
  const others = Object.keys(right).filter((key) => right[key] !== undefined);
  return keys.length === others.length && keys.every((key) => isSame(left[key], right[key]));
}

function isSameList(left: unknown[], right: unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
}

/** Drops null and undefined fields: the real server's types have no null, and leave out what is empty. */
export function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  if (!isFields(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (field === null || field === undefined) Reflect.deleteProperty(value, key);
    else dropNulls(field);
  }
}

/** Kubernetes time: whole seconds, UTC. */
export function timestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** A scalar as text; '' for anything else. */
export function wordOf(value: unknown, otherwise = ''): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}

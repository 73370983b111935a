import { badRequest } from '../api-error.js';
import type { Fields } from '../objects.js';
import { isFields } from '../objects.js';
import { TYPES_A_TO_K } from './types-a-k.js';
import { TYPES_L_TO_Z } from './types-l-z.js';

type FieldTypes = ReadonlyMap<string, string>;

const TYPES: ReadonlyMap<string, FieldTypes> = new Map(
  `${TYPES_A_TO_K}${TYPES_L_TO_Z}`
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ...fields] = line.split(' ');
      return [name, new Map(fields.map((field) => field.split(':') as [string, string]))];
    }),
);

/** Kinds whose fields are not all in the table, or whose root has another name there. */
const ROOTS: Readonly<Record<string, string>> = { 'events.k8s.io/Event': 'EventsEvent' };
const KINDS = new Set([
  ...['Namespace', 'Pod', 'Service', 'ConfigMap', 'Secret', 'ServiceAccount', 'Node', 'Event'].map(
    (kind) => `/${kind}`,
  ),
  ...['PersistentVolumeClaim', 'PersistentVolume', 'ResourceQuota', 'LimitRange'].map((kind) => `/${kind}`),
  'batch/Job',
  'apps/Deployment',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/NetworkPolicy',
  'coordination.k8s.io/Lease',
  'storage.k8s.io/StorageClass',
  'scheduling.k8s.io/PriorityClass',
  'events.k8s.io/Event',
]);

interface Check {
  readonly kind: string;
  readonly unknown: string[];
}

/** Where a value stands: its struct, its path as Go names it, and its path with indexes. */
interface Place {
  readonly owner: string;
  readonly goPath: string;
  readonly path: string;
}

/**
 * Removes fields that the built-in kind does not have, and answers their paths. Throws the API server's 400 for a
 * field of the wrong type. Kinds that are not in the table pass unchanged.
 */
export function pruneBuiltin(object: Fields, group: string, kind: string): string[] {
  if (!KINDS.has(`${group}/${kind}`)) return [];
  const check: Check = { kind, unknown: [] };
  walkStruct(object, ROOTS[`${group}/${kind}`] ?? kind, { owner: '', goPath: '', path: '' }, check);
  return check.unknown;
}

function walkStruct(value: Fields, type: string, at: Place, check: Check): void {
  const fields = TYPES.get(type);
  if (!fields || fields.size === 0) return;
  for (const [key, field] of Object.entries(value)) {
    const path = at.path === '' ? key : `${at.path}.${key}`;
    const goPath = at.goPath === '' ? key : `${at.goPath}.${key}`;
    const known = fields.get(key);
    if (known === undefined) {
      check.unknown.push(path);
      Reflect.deleteProperty(value, key);
    } else {
      walk(field, known, { owner: type, goPath, path }, check);
      if (isEmptyCollection(field, known)) Reflect.deleteProperty(value, key);
    }
  }
}

/** Lists and maps without content are not stored: `egress: []` is the same as none. */
function isEmptyCollection(value: unknown, type: string): boolean {
  if (!type.startsWith('[]') && !type.startsWith('{}')) return false;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function walk(value: unknown, type: string, at: Place, check: Check): void {
  if (value === null || value === undefined || type === 'any') return;
  if (type.startsWith('[]')) walkList(value, type, at, check);
  else if (type.startsWith('{}')) walkMap(value, type, at, check);
  else if (TYPES.has(type)) {
    if (!isFields(value)) throw mismatch(value, type, at, check);
    walkStruct(value, type, at, check);
  } else if (!isScalar(value, type)) throw mismatch(value, type, at, check);
}

function walkList(value: unknown, type: string, at: Place, check: Check): void {
  if (!Array.isArray(value)) throw mismatch(value, type, at, check);
  const items = value as unknown[];
  items.forEach((item, index) => walk(item, type.slice(2), { ...at, path: `${at.path}[${index}]` }, check));
}

function walkMap(value: unknown, type: string, at: Place, check: Check): void {
  if (!isFields(value)) throw mismatch(value, type, at, check);
  for (const [key, item] of Object.entries(value)) {
    walk(item, type.slice(2), { ...at, path: `${at.path}[${key}]` }, check);
  }
}

function isScalar(value: unknown, type: string): boolean {
  if (type === 'bool') return typeof value === 'boolean';
  return type === 'string' ? typeof value === 'string' : Number.isInteger(value);
}

function mismatch(value: unknown, type: string, at: Place, { kind }: Check): Error {
  const field = `${at.owner}.${at.goPath}`;
  const why = `json: cannot unmarshal ${jsonName(value)} into Go struct field ${field} of type ${goName(type)}`;
  return badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${why}`);
}

function jsonName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goName(type: string): string {
  if (type.startsWith('[]')) return `[]${goName(type.slice(2))}`;
  if (type.startsWith('{}')) return `map[string]${goName(type.slice(2))}`;
  return TYPES.has(type) ? `v1.${type}` : type;
}

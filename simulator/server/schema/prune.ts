import type { Fields } from '../objects.js';
import { isFields } from '../objects.js';
import type { StructuralSchema } from './schema.js';

const ENVELOPE = ['apiVersion', 'kind', 'metadata'];

/** Removes fields the schema does not name and answers their paths, sorted as the API server warns of them. */
export function pruneUnknown(object: Fields, schema: StructuralSchema): string[] {
  const removed: string[] = [];
  pruneFields(object, { ...schema, properties: { ...schema.properties, ...envelope() } }, '', removed);
  return removed.sort();
}

function envelope(): Record<string, StructuralSchema> {
  return Object.fromEntries(ENVELOPE.map((key) => [key, { 'x-kubernetes-preserve-unknown-fields': true }]));
}

function prune(value: unknown, schema: StructuralSchema, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) value.forEach((item, index) => prune(item, items, `${path}[${index}]`, removed));
    return;
  }
  if (isFields(value)) pruneFields(value, schema, path, removed);
}

function pruneFields(value: Fields, schema: StructuralSchema, path: string, removed: string[]): void {
  if (schema['x-kubernetes-embedded-resource']) {
    const inner = { ...schema, 'x-kubernetes-embedded-resource': false };
    pruneFields(value, { ...inner, properties: { ...schema.properties, ...envelope() } }, path, removed);
    return;
  }
  for (const key of Object.keys(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const known = schemaOfKey(schema, key);
    if (known) prune(value[key], known, at, removed);
    else if (!keepsUnknown(schema)) {
      Reflect.deleteProperty(value, key);
      removed.push(at);
    }
  }
}

function schemaOfKey(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const own = schema.properties?.[key];
  if (own) return own;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function keepsUnknown(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}

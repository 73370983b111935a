import { clone, isFields } from '../objects.js';
import type { StructuralSchema } from './schema.js';

/** Fills absent fields that have a default; a null that is not allowed counts as absent. */
export function applyDefaults(value: unknown, schema: StructuralSchema): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) value.forEach((item) => applyDefaults(item, items));
    return;
  }
  if (!isFields(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && property.nullable !== true && property.default !== undefined)
      value[key] = undefined;
    if (value[key] === undefined && property.default !== undefined) value[key] = clone(property.default);
    applyDefaults(value[key], property);
  }
  const others = schema.additionalProperties;
  if (typeof others !== 'object') return;
  for (const [key, item] of Object.entries(value)) {
    if (!schema.properties?.[key]) applyDefaults(item, others);
  }
}

/** Drops nulls the schema does not allow, in fields it knows: the real server prunes them before validation. */
export function dropForbiddenNulls(value: unknown, schema: StructuralSchema): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) value.forEach((item) => dropForbiddenNulls(item, items));
    return;
  }
  if (!isFields(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && property.nullable !== true && !schema.required?.includes(key)) {
      Reflect.deleteProperty(value, key);
    } else dropForbiddenNulls(value[key], property);
  }
}

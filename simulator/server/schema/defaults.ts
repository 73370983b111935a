import type { Fields } from '../objects.js';
import { clone, isFields } from '../objects.js';
import type { StructuralSchema } from './schema.js';

/** Fills absent fields that have a default; a null that is not allowed counts as absent. */
export function applyDefaults(value: unknown, schema: StructuralSchema): void {
  const { items, properties = {}, additionalProperties: others } = schema;
  if (Array.isArray(value) && items) value.forEach((item) => applyDefaults(item, items));
  if (!isFields(value)) return;
  for (const [key, property] of Object.entries(properties)) applyDefault(value, key, property);
  if (typeof others !== 'object') return;
  const unnamed = Object.entries(value).filter(([key]) => !properties[key]);
  for (const [, item] of unnamed) applyDefaults(item, others);
}

function applyDefault(holder: Fields, key: string, schema: StructuralSchema): void {
  const isAbsent = holder[key] === undefined || (holder[key] === null && schema.nullable !== true);
  if (isAbsent && schema.default !== undefined) holder[key] = clone(schema.default);
  applyDefaults(holder[key], schema);
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
    if (value[key] === null && property.nullable !== true) {
      Reflect.deleteProperty(value, key);
    } else dropForbiddenNulls(value[key], property);
  }
}

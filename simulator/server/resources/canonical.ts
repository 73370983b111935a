import { badRequest } from '../api-error.js';
import type { Fields } from '../objects.js';
import { isFields } from '../objects.js';
import { canonicalQuantity, QUANTITY_ERROR } from '../quantity.js';

/** Fields below which every value is a quantity. */
const MAPS = ['requests', 'limits', 'hard', 'used', 'capacity', 'allocatable', 'min', 'max', 'default'];

/** Rewrites the quantities of an object as the API server stores them. Throws its 400 for what is none. */
export function canonicalResources(fields: Fields, kind = 'Pod'): void {
  for (const [key, value] of Object.entries(fields)) {
    if (!isFields(value)) continue;
    if (MAPS.includes(key)) canonicalMap(value, kind);
    else if (key === 'emptyDir' && value['sizeLimit'] !== undefined)
      value['sizeLimit'] = canonical(value['sizeLimit'], kind);
    else canonicalResources(value, kind);
  }
}

function canonicalMap(map: Fields, kind: string): void {
  for (const [name, value] of Object.entries(map)) map[name] = canonical(value, kind);
}

function canonical(value: unknown, kind: string): string {
  const text = canonicalQuantity(value);
  if (text !== undefined) return text;
  throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${QUANTITY_ERROR}`);
}

import type { FieldError } from '../field-error.js';
import { invalid } from '../field-error.js';

/** A port given as a number must be one; names are left alone. */
export function portNumberErrors(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'number' || (value >= 1 && value <= 65_535)) return [];
  return [invalid(path, value, 'must be between 1 and 65535, inclusive')];
}

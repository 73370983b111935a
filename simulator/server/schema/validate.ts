import type { FieldError } from '../field-error.js';
import { duplicate, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from '../field-error.js';
import type { Fields } from '../objects.js';
import { isFields, isSame } from '../objects.js';
import { hasFormat } from './formats.js';
import type { StructuralSchema } from './schema.js';

/** All complaints of a schema about a value, in the API server's words. */
export function validateSchema(value: unknown, schema: StructuralSchema, path = ''): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const typeError = checkType(value, schema, path);
  const errors = typeError ? [typeError] : checkByType(value, schema, path);
  return [...errors, ...checkEnum(value, schema, path), ...checkCombinations(value, schema, path)];
}

function checkByType(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  if (typeof value === 'string') return checkString(value, schema, path);
  if (typeof value === 'number') return checkNumber(value, schema, path);
  if (Array.isArray(value)) return checkArray(value, schema, path);
  return isFields(value) ? checkObject(value, schema, path) : [];
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkType(value: unknown, schema: StructuralSchema, path: string): FieldError | undefined {
  const wanted = schema['x-kubernetes-int-or-string'] ? 'integer,string' : (schema.type ?? '');
  const actual = typeName(value);
  if (wanted === '' || wanted.split(',').includes(actual)) return undefined;
  if (wanted === 'number' && actual === 'integer') return undefined;
  return typeInvalid(path, actual, `${path} in body must be of type ${wanted}: "${actual}"`);
}

function checkEnum(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  if (!schema.enum || schema.enum.some((option) => isSame(option, value))) return [];
  return [
    notSupported(
      path,
      value,
      schema.enum.map((option) => (typeof option === 'string' ? option : JSON.stringify(option))),
    ),
  ];
}

function checkString(value: string, schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const length = Array.from(value).length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push(tooLong(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format !== undefined && !hasFormat(value, schema.format)) {
    errors.push(
      typeInvalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`),
    );
  }
  return errors;
}

function checkNumber(value: number, schema: StructuralSchema, path: string): FieldError[] {
  const bounds = [lowerBound(value, schema), upperBound(value, schema)];
  const { multipleOf } = schema;
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    bounds.push(`a multiple of ${multipleOf}`);
  return bounds.flatMap((bound) =>
    bound === undefined ? [] : [invalid(path, value, `${path} in body should be ${bound}`)],
  );
}

function lowerBound(value: number, { minimum, exclusiveMinimum }: StructuralSchema): string | undefined {
  if (minimum === undefined) return undefined;
  if (exclusiveMinimum) return value > minimum ? undefined : `greater than ${minimum}`;
  return value >= minimum ? undefined : `greater than or equal to ${minimum}`;
}

function upperBound(value: number, { maximum, exclusiveMaximum }: StructuralSchema): string | undefined {
  if (maximum === undefined) return undefined;
  if (exclusiveMaximum) return value < maximum ? undefined : `less than ${maximum}`;
  return value <= maximum ? undefined : `less than or equal to ${maximum}`;
}

function checkArray(value: unknown[], schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push(tooMany(path, value.length, schema.maxItems));
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  const items = schema.items;
  if (items) value.forEach((item, index) => errors.push(...validateSchema(item, items, `${path}[${index}]`)));
  return [...errors, ...checkUnique(value, schema, path)];
}

function checkUnique(value: unknown[], schema: StructuralSchema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'map' && listType !== 'set') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const identity = (item: unknown): unknown =>
    listType === 'map' && isFields(item) ? Object.fromEntries(keys.map((key) => [key, item[key]])) : item;
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const id = identity(item);
    const text = JSON.stringify(id);
    if (seen.has(text)) return [duplicate(`${path}[${index}]`, id)];
    seen.add(text);
    return [];
  });
}

function checkObject(value: Fields, schema: StructuralSchema, path: string): FieldError[] {
  const errors = checkCount(Object.keys(value).length, schema, path);
  for (const [key, item] of Object.entries(value)) {
    const known = schema.properties?.[key] ?? schema.additionalProperties;
    if (typeof known === 'object' && item !== undefined)
      errors.push(...validateSchema(item, known, join(path, key)));
  }
  const missing = (schema.required ?? []).filter((key) => value[key] === undefined);
  return [...errors, ...missing.map((key) => required(join(path, key)))];
}

function checkCount(count: number, schema: StructuralSchema, path: string): FieldError[] {
  const { minProperties = 0, maxProperties = Infinity } = schema;
  if (count > maxProperties) return [tooMany(path, count, maxProperties)];
  if (count >= minProperties) return [];
  return [invalid(path, count, `${path} in body should have at least ${minProperties} properties`)];
}

function checkCombinations(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  const passes = (part: StructuralSchema): boolean => validateSchema(value, part, path).length === 0;
  const errors = (schema.allOf ?? []).flatMap((part) => validateSchema(value, part, path));
  if (schema.anyOf && !schema.anyOf.some(passes)) {
    errors.push(invalid(path, value, `${path} in body must validate at least one schema (anyOf)`));
  }
  if (schema.oneOf && schema.oneOf.filter(passes).length !== 1) {
    errors.push(invalid(path, value, `${path} in body must validate one and only one schema (oneOf)`));
  }
  if (schema.not && passes(schema.not)) {
    errors.push(invalid(path, value, `${path} in body must not validate the schema (not)`));
  }
  return errors;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

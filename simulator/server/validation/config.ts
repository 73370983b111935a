import type { FieldError } from '../field-error.js';
import { forbiddenField, invalid, required, tooLong } from '../field-error.js';
import type { KubeObject } from '../objects.js';
import { fieldsOf, isSame } from '../objects.js';
import { configKeyErrors } from './names.js';

const MAX_BYTES = 1_048_576;
const IMMUTABLE = 'field is immutable when `immutable` is set';

export function validateConfigMap(object: KubeObject, old?: KubeObject): FieldError[] {
  const [data, binary] = [fieldsOf(object['data']), fieldsOf(object['binaryData'])];
  const bytes = sizeOf(data, 1) + sizeOf(binary, 0.75);
  return [
    ...immutableErrors(object, old, ['data', 'binaryData']),
    ...keyErrors(data, 'data'),
    ...keyErrors(binary, 'binaryData'),
    ...twiceErrors(data, binary),
    ...(bytes > MAX_BYTES ? [tooLong('[]', MAX_BYTES)] : []),
  ];
}

export function validateSecret(object: KubeObject, old?: KubeObject): FieldError[] {
  const data = fieldsOf(object['data']);
  const isTyped = old !== undefined && object['type'] !== old['type'];
  return [
    ...(isTyped ? [invalid('type', object['type'], 'field is immutable')] : []),
    ...immutableErrors(object, old, ['data']),
    ...keyErrors(data, 'data'),
    ...(sizeOf(data, 0.75) > MAX_BYTES ? [tooLong('data', MAX_BYTES)] : []),
    ...dockerErrors(object),
  ];
}

function immutableErrors(
  object: KubeObject,
  old: KubeObject | undefined,
  fields: readonly string[],
): FieldError[] {
  if (old?.['immutable'] !== true) return [];
  const errors = object['immutable'] === true ? [] : [forbiddenField('immutable', IMMUTABLE)];
  const changed = fields.filter((field) => !isSame(fieldsOf(object[field]), fieldsOf(old[field])));
  return [...errors, ...changed.map((field) => forbiddenField(field, IMMUTABLE))];
}

function keyErrors(data: Record<string, unknown>, field: string): FieldError[] {
  return Object.keys(data).flatMap((key) =>
    configKeyErrors(key).map((error) => invalid(`${field}[${key}]`, key, error)),
  );
}

function twiceErrors(data: Record<string, unknown>, binary: Record<string, unknown>): FieldError[] {
  return Object.keys(data)
    .filter((key) => key in binary)
    .map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
}

/** Bytes of the values, of which `share` remain after decoding. */
function sizeOf(data: Record<string, unknown>, share: number): number {
  let bytes = 0;
  for (const value of Object.values(data)) {
    if (typeof value !== 'string') continue;
    const padding = share < 1 ? (/=*$/.exec(value)?.[0].length ?? 0) : 0;
    bytes += Buffer.byteLength(value) * share - padding;
  }
  return bytes;
}

function dockerErrors(object: KubeObject): FieldError[] {
  if (object['type'] !== 'kubernetes.io/dockerconfigjson') return [];
  return fieldsOf(object['data'])['.dockerconfigjson'] === undefined
    ? [required('data[.dockerconfigjson]')]
    : [];
}

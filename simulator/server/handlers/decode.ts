import { badRequest, invalidObject } from '../api-error.js';
import { invalid } from '../field-error.js';
import type { ApiRequest, ResourcePath } from '../http/request.js';
import { decodeBody } from '../http/body.js';
import type { Fields, KubeObject, ObjectMeta } from '../objects.js';
import { dropNulls, ensureFields, fieldsOf, isFields, wordOf } from '../objects.js';
import type { Resource } from '../resources/resource.js';
import { apiVersionOf } from '../resources/resource.js';
import { dropForbiddenNulls } from '../schema/defaults.js';
import { pruneBuiltin } from '../schema/builtin-types.js';
import { pruneUnknown } from '../schema/prune.js';

/** Reads the object of a create or replace, as this resource stores it. */
export function decodeObject(resource: Resource, path: ResourcePath, request: ApiRequest): KubeObject {
  const value = decodeBody(request.body, request.contentType, resource.kind);
  if (!isFields(value)) throw unrecognised(resource, request.body);
  return shapeObject(resource, path, value, request);
}

/** Makes unknown JSON an object of the resource: names its kind, drops what is not kept. Throws 400 and 422. */
export function shapeObject(
  resource: Resource,
  path: ResourcePath,
  value: Fields,
  request: ApiRequest,
): KubeObject {
  checkKind(resource, value, request);
  const metadata = ensureFields(value, 'metadata');
  if (typeof metadata['name'] !== 'string') metadata['name'] = '';
  if (!resource.schema) warnOfUnknown(resource, pruneBuiltin(value, resource.group, resource.kind), request);
  checkNamespace(resource, path, metadata as ObjectMeta);
  normaliseMetadata(metadata as ObjectMeta);
  const object = value as KubeObject;
  if (resource.schema) {
    checkMaps(resource, object);
    warnOfUnknown(resource, pruneUnknown(object, resource.schema), request);
    dropForbiddenNulls(object, resource.schema);
    return object;
  }
  dropNulls(object);
  return resource.toStored?.(object) ?? object;
}

function checkKind(resource: Resource, value: Fields, request: ApiRequest): void {
  if (resource.builtin) {
    value['kind'] ??= resource.kind;
    value['apiVersion'] ??= apiVersionOf(resource);
  }
  const kind = wordOf(value['kind']);
  const apiVersion = wordOf(value['apiVersion']);
  if (kind === '') throw unrecognised(resource, request.body);
  if (kind === resource.kind && apiVersion === apiVersionOf(resource)) return;
  if (!resource.builtin && kind === resource.kind) {
    const expected = apiVersionOf(resource);
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (resource.builtin) throw wrongKind(resource, kind, apiVersion);
  const name = wordOf(fieldsOf(value['metadata'])['name']);
  throw invalidObject({ group: resource.group, kind }, name, [
    invalid('kind', kind, `must be ${resource.kind}`),
  ]);
}

function wrongKind(resource: Resource, kind: string, apiVersion: string): Error {
  const from = `${apiVersion.replace('/', '.')}.${kind}`;
  const to = `${resource.group || 'core'}.${resource.kind}`;
  return badRequest(
    `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: converting (${from}) to (${to}): unknown conversion`,
  );
}

function unrecognised(resource: Resource, body: Buffer): Error {
  const text = body.toString('utf8');
  const short = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  return badRequest(
    `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${text}' (${short})`,
  );
}

function checkNamespace(resource: Resource, path: ResourcePath, metadata: ObjectMeta): void {
  if (!resource.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== path.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = path.namespace;
}

function normaliseMetadata(metadata: ObjectMeta): void {
  delete metadata['managedFields'];
  delete metadata['selfLink'];
  dropNulls(metadata);
  for (const key of [
    'labels',
    'annotations',
    'finalizers',
    'ownerReferences',
    'generateName',
    'resourceVersion',
    'uid',
  ]) {
    const field = metadata[key];
    const isEmpty =
      field === '' || (typeof field === 'object' && field !== null && Object.keys(field).length === 0);
    if (isEmpty) Reflect.deleteProperty(metadata, key);
  }
}

/** Labels and annotations map strings to strings; anything else can't be decoded at all. */
function checkMaps(resource: Resource, object: KubeObject): void {
  for (const key of ['labels', 'annotations'] as const) {
    const map: unknown = object.metadata[key];
    if (map === undefined) continue;
    const wrong = isFields(map) ? Object.values(map).find((value) => typeof value !== 'string') : map;
    if (wrong === undefined) continue;
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal ${typeof wrong} into Go struct field ObjectMeta.metadata.${key} of type string`,
    );
  }
}

function warnOfUnknown(resource: Resource, unknown: readonly string[], request: ApiRequest): void {
  const mode = request.query.get('fieldValidation') ?? 'Warn';
  if (unknown.length === 0 || mode === 'Ignore') return;
  const texts = unknown.map((field) => `unknown field "${field}"`);
  if (mode !== 'Strict') {
    request.warnings.push(...texts);
    return;
  }
  throw badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${texts.join(', ')}`,
  );
}

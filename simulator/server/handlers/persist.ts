import { invalidObject } from '../api-error.js';
import type { FieldError } from '../field-error.js';
import type { Reply } from '../http/request.js';
import { isDryRun } from '../http/request.js';
import { fullText, metaOf, partialText, tableText } from '../http/encode.js';
import { negotiateShape } from '../http/negotiate.js';
import type { KubeObject } from '../objects.js';
import { applyDefaults } from '../schema/defaults.js';
import { validateSchema } from '../schema/validate.js';
import type { Entry } from '../store/entry.js';
import { serialise } from '../store/entry.js';
import type { Target } from './target.js';

export function complete(target: Target, object: KubeObject): void {
  const { resource, cluster } = target;
  if (resource.schema) applyDefaults(object, resource.schema);
  resource.strategy.complete?.(object, cluster);
}

export function schemaErrors(target: Target, object: KubeObject): FieldError[] {
  const { schema } = target.resource;
  return schema ? validateSchema(object, schema) : [];
}

export function refuseInvalid(target: Target, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject(target.resource, object.metadata.name, errors);
}

/** Stores the object and answers with it; a dry run only answers. */
export function persist(target: Target, object: KubeObject, status: number): Reply {
  if (isDryRun(target.request)) return reply(target, unstored(object), status);
  const { resource, cluster } = target;
  return reply(target, cluster.store.put(resource.storage, object, resource.strategy.index), status);
}

/** Removes the object for good and answers with its last version. */
export function removeForGood(target: Target, object: KubeObject): Entry {
  if (isDryRun(target.request)) return unstored(object);
  const { resource, cluster } = target;
  return cluster.store.remove(resource.storage, object, resource.strategy.index);
}

/** An entry in the shape the client asked for. */
export function reply(target: Target, entry: Entry, status: number): Reply {
  const { resource, request, cluster } = target;
  const shape = negotiateShape(request.accept);
  if (shape === 'partial') return { status, body: partialText(entry) };
  if (shape === 'full') return { status, body: fullText(resource, entry) };
  const includeObject = request.query.get('includeObject') ?? 'Metadata';
  const options = { includeObject, nowMs: cluster.nowMs(), withColumns: true };
  return { status, body: tableText(resource, [entry], metaOf(entry.revision), options) };
}

/** An entry that exists only for an answer. */
export function unstored(object: KubeObject): Entry {
  const { metadata } = object;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    revision: Number(metadata.resourceVersion ?? 0),
    labels: metadata.labels,
    fields: undefined,
    json: serialise(object),
  };
}

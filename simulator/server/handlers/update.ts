import { ApiError, badRequest, conflict, invalidObject, MODIFIED, notFound } from '../api-error.js';
import { invalid } from '../field-error.js';
import type { Reply } from '../http/request.js';
import type { KubeObject } from '../objects.js';
import { clone, isSame } from '../objects.js';
import type { Entry } from '../store/entry.js';
import { parse } from '../store/entry.js';
import { validateMetadataUpdate } from '../validation/metadata.js';
import { createFrom } from './create.js';
import { decodeObject } from './decode.js';
import { complete, persist, refuseInvalid, removeForGood, reply, schemaErrors, unstored } from './persist.js';
import type { Target } from './target.js';

/** PUT of a whole object, or of its status. */
export function replaceObject(target: Target): Reply {
  const { resource, path, request } = target;
  const object = decodeObject(resource, path, request);
  checkName(target, object);
  const existing = findEntry(target);
  if (!existing) {
    if (resource.strategy.createsOnUpdate && path.subresource === '') return createFrom(target, object);
    throw notFound(resource, path.name);
  }
  checkVersion(target, object, existing);
  if (object.metadata.uid !== undefined && object.metadata.uid !== existing.uid) {
    throw conflict(resource, path.name, uidMismatch(target, object.metadata.uid, existing.uid));
  }
  object.metadata.uid = existing.uid;
  return changeObject(target, object, existing);
}

export function findEntry({ cluster, resource, path }: Target): Entry | undefined {
  return cluster.store.table(resource.storage).get(path.namespace, path.name);
}

/** Brings a changed object into storage. Writes nothing when nothing changed. */
export function changeObject(target: Target, object: KubeObject, existing: Entry): Reply {
  const { resource, cluster } = target;
  const old = parse(existing);
  keepWhatIsNotTheirs(object, old);
  if (resource.strategy.statusSubresource) splitStatus(target, object, old);
  complete(target, object);
  if (target.path.subresource === '') resource.strategy.update?.(object, old, cluster);
  grow(target, object, old);
  refuseInvalid(target, object, [
    ...validateMetadataUpdate(resource, object, old),
    ...schemaErrors(target, object),
    ...(resource.strategy.validate?.(object, old) ?? []),
  ]);
  return finish(target, object, existing);
}

function finish(target: Target, object: KubeObject, existing: Entry): Reply {
  object.metadata.resourceVersion = String(existing.revision);
  if (isDone(object)) {
    // The answer still carries the version before the removal.
    const last = unstored(object);
    removeForGood(target, object);
    return reply(target, last, 200);
  }
  if (isSame(object, parse(existing))) return reply(target, existing, 200);
  return persist(target, object, 200);
}

/** An object under deletion goes with its last finalizer, once its grace is over. */
function isDone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  const isHeld =
    object.kind === 'Namespace' && JSON.stringify(object['spec'] ?? {}).includes('"finalizers":["');
  return (
    deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0 && !isHeld
  );
}

function keepWhatIsNotTheirs(object: KubeObject, old: KubeObject): void {
  for (const key of [
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'generateName',
  ]) {
    if (old.metadata[key] === undefined) Reflect.deleteProperty(object.metadata, key);
    else object.metadata[key] = old.metadata[key];
  }
}

function splitStatus({ path, resource }: Target, object: KubeObject, old: KubeObject): void {
  if (path.subresource !== 'status') {
    if (old['status'] === undefined) delete object['status'];
    else object['status'] = clone(old['status']);
    return;
  }
  const { status } = object;
  const metadata = resource.strategy.statusKeepsMetadata ? clone(old.metadata) : object.metadata;
  metadata.uid = object.metadata.uid ?? '';
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
  Object.assign(object, clone(old), { metadata });
  if (status === undefined) delete object['status'];
  else object['status'] = status;
}

function grow({ resource }: Target, object: KubeObject, old: KubeObject): void {
  if (!resource.strategy.generation) return;
  const isChanged = !isSame(
    bare(object, resource.strategy.statusSubresource),
    bare(old, resource.strategy.statusSubresource),
  );
  object.metadata.generation = (old.metadata.generation ?? 1) + (isChanged ? 1 : 0);
}

function bare(object: KubeObject, withoutStatus: boolean): unknown {
  const { metadata: _metadata, status, ...rest } = object;
  return withoutStatus ? rest : { ...rest, status };
}

export function checkName({ path }: Target, object: KubeObject): void {
  const { name } = object.metadata;
  if (name === '') throw badRequest('name must be provided');
  if (name === path.name) return;
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${path.name})`);
}

/** A version in the object must be the stored one; some resources insist on one. */
export function checkVersion({ resource, path }: Target, object: KubeObject, existing: Entry): void {
  const version = object.metadata.resourceVersion;
  if (version === undefined || version === '0') {
    if (resource.strategy.unconditionalUpdate) return;
    throw invalidObject({ group: resource.group, kind: resource.plural }, path.name, [
      invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  if (!/^\d+$/.test(version)) throw new ApiError(400, 'BadRequest', `invalid resource version: ${version}`);
  if (Number(version) !== existing.revision) throw conflict(resource, path.name, MODIFIED);
}

function uidMismatch({ resource, path }: Target, wanted: string, actual: string): string {
  const key = ['/registry', resource.storage, path.namespace, path.name]
    .filter((part) => part !== '')
    .join('/');
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual}`;
}

import { randomUUID } from 'node:crypto';

import { admit, admitQuota } from '../admission/admission.js';
import { alreadyExists, ApiError, badRequest } from '../api-error.js';
import type { Reply } from '../http/request.js';
import type { KubeObject } from '../objects.js';
import { timestamp } from '../objects.js';
import { randomSuffix } from '../suffix.js';
import { validateMetadata } from '../validation/metadata.js';
import { decodeObject } from './decode.js';
import { complete, persist, refuseInvalid, schemaErrors } from './persist.js';
import type { Target } from './target.js';

const GENERATED_BASE_MAX = 58;

/** POST on a collection. */
export function createObject(target: Target): Reply {
  return createFrom(target, decodeObject(target.resource, target.path, target.request));
}

/** Brings a decoded object into the cluster: admission, defaults, validation, quota, storage, in the API's order. */
export function createFrom(target: Target, object: KubeObject): Reply {
  const { resource, cluster } = target;
  checkIdentity(target, object);
  admit(target, object);
  stamp(target, object);
  complete(target, object);
  resource.strategy.create?.(object, cluster);
  refuseInvalid(target, object, [
    ...validateMetadata(resource, object),
    ...schemaErrors(target, object),
    ...(resource.strategy.validate?.(object) ?? []),
  ]);
  admitQuota(target, object);
  refuseExisting(target, object);
  return persist(target, object, 201);
}

function checkIdentity({ path }: Target, object: KubeObject): void {
  if (path.name !== '' && path.subresource === '' && object.metadata.name !== path.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
    );
  }
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '0') {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
}

function stamp({ resource, cluster }: Target, object: KubeObject): void {
  const { metadata } = object;
  if (metadata.name === '' && metadata.generateName !== undefined) {
    metadata.name = `${metadata.generateName.slice(0, GENERATED_BASE_MAX)}${randomSuffix()}`;
  }
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(cluster.nowMs());
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  // Where no generation is kept, whatever the client says stays.
  if (resource.strategy.generation) metadata.generation = 1;
  if (resource.schema && resource.strategy.statusSubresource) delete object['status'];
}

function refuseExisting({ resource, cluster }: Target, object: KubeObject): void {
  const { name, namespace = '' } = object.metadata;
  const existing = cluster.store.table(resource.storage).get(namespace, name);
  if (!existing) return;
  const error = alreadyExists(resource, name);
  const isGoing = existing.json.includes('"deletionTimestamp":"');
  throw isGoing
    ? new ApiError(409, error.reason, `object is being deleted: ${error.message}`, error.details)
    : error;
}

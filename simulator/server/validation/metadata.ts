import type { FieldError } from '../field-error.js';
import { forbiddenField, invalid, required, tooLong } from '../field-error.js';
import type { KubeObject, ObjectMeta, OwnerReference } from '../objects.js';
import { isSame, textOf } from '../objects.js';
import type { Resource } from '../resources/resource.js';
import { labelValueErrors, NAME_CHECKS, qualifiedNameErrors } from './names.js';

const ANNOTATIONS_MAX_BYTES = 262_144;
const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** What every new object must satisfy. */
export function validateMetadata(resource: Resource, { metadata }: KubeObject): FieldError[] {
  return [
    ...nameErrors(resource, metadata),
    ...labelErrors(metadata.labels),
    ...annotationErrors(metadata.annotations),
    ...ownerErrors(metadata),
    ...finalizerErrors(metadata.finalizers),
  ];
}

/** What every changed object must satisfy. */
export function validateMetadataUpdate(
  resource: Resource,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    const [next, before] = [object.metadata[field], old.metadata[field]];
    if (next !== before) errors.push(invalid(`metadata.${field}`, next, 'field is immutable'));
  }
  return [
    ...errors,
    ...newFinalizerErrors(object.metadata, old.metadata),
    ...validateMetadata(resource, object),
  ];
}

function nameErrors(resource: Resource, metadata: ObjectMeta): FieldError[] {
  if (metadata.name === '') return [required('metadata.name', 'name or generateName is required')];
  const errors = NAME_CHECKS[resource.strategy.nameRule](metadata.name);
  return errors.map((error) => invalid('metadata.name', metadata.name, error));
}

function labelErrors(labels: Record<string, string> | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((error) => invalid('metadata.labels', key, error)),
    ...labelValueErrors(value).map((error) => invalid('metadata.labels', value, error)),
  ]);
}

function annotationErrors(annotations: Record<string, string> | undefined): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) =>
    qualifiedNameErrors(key.toLowerCase()).map((error) => invalid('metadata.annotations', key, error)),
  );
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return bytes > ANNOTATIONS_MAX_BYTES
    ? [...errors, tooLong('metadata.annotations', ANNOTATIONS_MAX_BYTES)]
    : errors;
}

function ownerErrors(metadata: ObjectMeta): FieldError[] {
  const owners = metadata.ownerReferences ?? [];
  const errors = owners.flatMap((owner) => emptyOwnerFields(owner, 'metadata.ownerReferences'));
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (!first || !second) return errors;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  return [...errors, invalid('metadata.ownerReferences', owners, detail)];
}

function emptyOwnerFields(owner: OwnerReference, path: string): FieldError[] {
  const fields = ['apiVersion', 'kind', 'name', 'uid'] as const;
  return fields
    .filter((field) => textOf(owner[field]) === '')
    .map((field) =>
      invalid(
        `${path}.${field}`,
        '',
        field === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
      ),
    );
}

function finalizerErrors(finalizers: string[] | undefined): FieldError[] {
  return (finalizers ?? []).flatMap((finalizer, index) => {
    const field = `metadata.finalizers[${index}]`;
    const errors = qualifiedNameErrors(finalizer).map((error) => invalid(field, finalizer, error));
    if (errors.length > 0 || finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer))
      return errors;
    return [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
  });
}

function newFinalizerErrors(next: ObjectMeta, before: ObjectMeta): FieldError[] {
  if (before.deletionTimestamp === undefined || isSame(next.finalizers, before.finalizers)) return [];
  const known = before.finalizers ?? [];
  const added = (next.finalizers ?? []).filter((finalizer) => !known.includes(finalizer));
  if (added.length === 0) return [];
  const shown = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
    ),
  ];
}

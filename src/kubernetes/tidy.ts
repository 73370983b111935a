import type { KubeObject, ResourceKind } from './resource.js';
import { apiVersionOf } from './resource.js';

type Writable = { -readonly [K in keyof KubeObject]: KubeObject[K] };

/**
 * Prepares an object fresh from the wire, in place: `managedFields` (often half of it) goes, and `apiVersion` and `kind`,
 * which lists leave out and metadata-only answers replace, come back. Every other field stays as it came.
 */
export function tidy<T extends KubeObject>(kind: ResourceKind, object: T): T {
  const writable: Writable = object;
  writable.apiVersion = apiVersionOf(kind);
  writable.kind = kind.kind;
  if (object.metadata) delete object.metadata.managedFields;
  return object;
}

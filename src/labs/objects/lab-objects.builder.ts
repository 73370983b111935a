import type { KubeObject, ObjectRef, ResourceKind } from '../../kubernetes/index.js';
import type { LabBuildInput } from './settings.js';

/** One object to create, with where it goes. */
export interface LabObject {
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  readonly ref: ObjectRef;
}

/**
 * All objects of a lab in the order in which they are created (contract 5.2).
 * @throws {MissingSecret} when the configuration names a Secret or key that `secrets` lacks
 */
export function buildLabObjects(_input: LabBuildInput): readonly LabObject[] {
  throw new Error('under construction');
}

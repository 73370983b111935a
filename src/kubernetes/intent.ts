import { hash } from 'node:crypto';
import { canonicalJson } from '../common/canonical-json.js';
import type { Plain } from '../common/plain.js';
import type { KubeObject } from './resource.js';

/** Hash of the object as we meant it. */
const INTENT = 'berth.dev/intent';

/**
 * The object with the hash of itself in an annotation, by which drift is judged: webhooks change live fields.
 * Values of a Secret stay out of the hash, or a short one could be guessed from it.
 */
export function withIntent<T extends Plain<KubeObject> & { readonly data?: object }>(object: T): T {
  const hashed = object.kind === 'Secret' ? { ...object, data: Object.keys(object.data ?? {}) } : object;
  const intent = hash('sha256', canonicalJson(hashed)).slice(0, 32);
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata?.annotations, [INTENT]: intent } },
  };
}

import type { KubeObject } from '../../kubernetes/index.js';
import { USER_LABEL } from '../lab.names.js';

/*
 * Labels and annotations by which objects are recognised (contract 5.1, design section 2 "Ownership and names").
 */

export const CATEGORY_LABEL = 'nublado.lsst.io/category';
export const USER_NAME = 'nublado.lsst.io/user-name';
export const USER_GROUPS = 'nublado.lsst.io/user-groups';

export const INSTANCE = 'berth.dev/instance';
export const LAB_UID = 'berth.dev/lab-uid';
/** Annotation on the Namespace, label on everything in it. */
export const OPERATION = 'berth.dev/operation';

/** Whose a user's namespace is, as far as it says. */
export interface Ownership {
  /** The controller's namespace; absent on a namespace that no Berth made or adopted. */
  readonly instance?: string | undefined;
  readonly labUid?: string | undefined;
  readonly operation?: string | undefined;
  /** Nublado's label, `lab` on a lab's namespace. */
  readonly category?: string | undefined;
  readonly user?: string | undefined;
}

/** Reads the marks of a Namespace. */
export function ownership(namespace: KubeObject): Ownership {
  const annotations = namespace.metadata?.annotations ?? {};
  const labels = namespace.metadata?.labels ?? {};
  return {
    instance: annotations[INSTANCE],
    labUid: annotations[LAB_UID],
    operation: annotations[OPERATION],
    category: labels[CATEGORY_LABEL],
    user: labels[USER_LABEL],
  };
}

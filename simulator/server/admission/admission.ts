import type { Target } from '../handlers/target.js';
import type { KubeObject } from '../objects.js';
import { admitNamespaceLifecycle } from './namespace-lifecycle.js';
import { admitPod } from './pod-admission.js';
import { enforceQuota } from './quota.js';
import { admitStorageClass } from './storage-class.js';

/** What admission plugins change or refuse before validation. Throws 403 and 404. */
export function admit(target: Target, object: KubeObject): void {
  const { resource, cluster } = target;
  admitNamespaceLifecycle(target, object);
  if (resource.storage === 'pods') admitPod(cluster, object);
  if (resource.storage === 'persistentvolumeclaims') admitStorageClass(cluster, object);
}

/** Quota has the last word, after validation. Throws 403. */
export function admitQuota(target: Target, object: KubeObject): void {
  enforceQuota(target, object);
}

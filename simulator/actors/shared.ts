import type { Client } from './client.js';
import { Informer } from './informer.js';
import type { KubeObject } from './types.js';

/** The list paths whose objects somebody needs whole; of all others only the metadata is kept. */
const whole = new Set([
  '/api/v1/pods',
  '/api/v1/nodes',
  '/api/v1/namespaces',
  '/api/v1/persistentvolumeclaims',
  '/apis/batch/v1/jobs',
  '/apis/storage.k8s.io/v1/storageclasses',
  '/apis/networking.k8s.io/v1/ingresses',
  '/apis/gafaelfawr.lsst.io/v1alpha1/gafaelfawringresses',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
]);

/** One informer per list path, shared by all actors, so that a change crosses the wire once. */
export class SharedInformers {
  private readonly informers = new Map<string, Informer>();

  constructor(readonly client: Client) {}

  get<T extends KubeObject>(path: string): Informer<T> {
    let informer = this.informers.get(path);
    if (informer === undefined) {
      informer = new Informer(this.client, path, whole.has(path) ? withoutManagedFields : metadataOnly);
      this.informers.set(path, informer);
    }
    return informer as Informer<T>;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.informers.values()].map((each) => each.stop()));
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  delete (object.metadata as { managedFields?: unknown }).managedFields;
  return object;
}

function metadataOnly({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, ownerReferences, finalizers } = metadata;
  return {
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
    metadata: {
      name,
      uid,
      ...(namespace !== undefined && { namespace }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(ownerReferences !== undefined && { ownerReferences }),
      ...(finalizers !== undefined && { finalizers }),
    },
  };
}

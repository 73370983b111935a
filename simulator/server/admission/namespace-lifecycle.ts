import { ApiError, forbidden, notFound } from '../api-error.js';
import type { Target } from '../handlers/target.js';
import type { KubeObject } from '../objects.js';

const IMMORTAL = ['default', 'kube-system', 'kube-public'];

/** Nothing is created in a namespace that is absent (404) or on its way out (403 with its cause). */
export function admitNamespaceLifecycle({ cluster, resource, path }: Target, object: KubeObject): void {
  if (!resource.namespaced) return;
  const namespace = cluster.store.table('namespaces').get('', path.namespace);
  if (!namespace) throw notFound({ group: '', plural: 'namespaces' }, path.namespace);
  if (!namespace.json.includes('"phase":"Terminating"')) return;
  const why = `unable to create new content in namespace ${path.namespace} because it is being terminated`;
  const name = object.metadata.name || (object.metadata.generateName ?? '');
  throw forbidden(resource, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${path.namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** The namespaces Kubernetes itself lives in can't be deleted. */
export function refuseImmortal(name: string): void {
  if (!IMMORTAL.includes(name)) return;
  throw new ApiError(
    403,
    'Forbidden',
    `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    {
      name,
      kind: 'namespaces',
    },
  );
}

import type { Context } from '../context.js';
import type { KubeObject } from '../objects.js';
import { fieldsOf } from '../objects.js';

const DEFAULT_MARK = 'storageclass.kubernetes.io/is-default-class';

/** A claim that names no class gets the default one, the youngest if there are several. */
export function admitStorageClass(context: Context, claim: KubeObject): void {
  const spec = fieldsOf(claim['spec']);
  if (spec['storageClassName'] !== undefined) return;
  const defaults = context
    .list('storageclasses.storage.k8s.io', '')
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_MARK] === 'true')
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''));
  const chosen = defaults.at(-1);
  if (chosen) spec['storageClassName'] = chosen.metadata.name;
}

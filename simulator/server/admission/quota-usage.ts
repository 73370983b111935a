import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf, recordsOf, textOf } from '../objects.js';
import { nanosOf } from '../quantity.js';

const ONE = 1_000_000_000n;

export type Usage = Map<string, bigint>;

/** What one object uses of each resource a quota can limit, in billionths; an absent key means none. */
export function usageOf(storage: string, object: KubeObject): Usage {
  const usage: Usage = new Map([[`count/${storage}`, ONE]]);
  if (storage === 'pods') addPodUsage(usage, object);
  else if (storage === 'persistentvolumeclaims') addClaimUsage(usage, object);
  else if (['services', 'secrets', 'configmaps', 'resourcequotas'].includes(storage)) usage.set(storage, ONE);
  return usage;
}

/** A pod that has ended counts only as an object. */
function addPodUsage(usage: Usage, pod: KubeObject): void {
  const phase = fieldsOf(pod['status'])['phase'];
  if (phase === 'Succeeded' || phase === 'Failed') return;
  usage.set('pods', ONE);
  for (const side of ['requests', 'limits']) {
    for (const [name, nanos] of podResources(pod, side)) {
      usage.set(`${side}.${name}`, nanos);
      if (side === 'requests') usage.set(name, nanos);
    }
  }
}

/** The sum over containers, or the largest init container if that is more; sidecars count with the containers. */
function podResources(pod: KubeObject, side: string): Map<string, bigint> {
  const spec = fieldsOf(pod['spec']);
  const total = new Map<string, bigint>();
  const add = (container: Fields): void => {
    for (const [name, value] of Object.entries(resourcesOf(container, side))) {
      total.set(name, (total.get(name) ?? 0n) + nanosOf(value));
    }
  };
  recordsOf(spec['containers']).forEach(add);
  recordsOf(spec['initContainers']).filter(isSidecar).forEach(add);
  for (const container of recordsOf(spec['initContainers'])) {
    if (isSidecar(container)) continue;
    for (const [name, value] of Object.entries(resourcesOf(container, side))) {
      const nanos = nanosOf(value);
      if (nanos > (total.get(name) ?? 0n)) total.set(name, nanos);
    }
  }
  return total;
}

function isSidecar(container: Fields): boolean {
  return container['restartPolicy'] === 'Always';
}

export function resourcesOf(container: Fields, side: string): Fields {
  return fieldsOf(fieldsOf(container['resources'])[side]);
}

function addClaimUsage(usage: Usage, claim: KubeObject): void {
  const spec = fieldsOf(claim['spec']);
  const storage = nanosOf(fieldsOf(fieldsOf(spec['resources'])['requests'])['storage']);
  usage.set('persistentvolumeclaims', ONE);
  usage.set('requests.storage', storage);
  const storageClass = textOf(spec['storageClassName']);
  if (storageClass === '') return;
  const prefix = `${storageClass}.storageclass.storage.k8s.io`;
  usage.set(`${prefix}/persistentvolumeclaims`, ONE);
  usage.set(`${prefix}/requests.storage`, storage);
}

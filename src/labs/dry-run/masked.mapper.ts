import type { KubeObject } from '../../kubernetes/index.js';

const MASK = '…';

/** The object with whatever is secret in it left out, so that it may be shown. */
export function masked(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { data = {}, ...rest } = object as KubeObject & { readonly data?: Readonly<Record<string, string>> };
  return { ...rest, data: Object.fromEntries(Object.keys(data).map((key) => [key, MASK])) } as KubeObject;
}

import type { KubeObject } from './resource.js';

/** What tells one state of an object from another; empty strings where an object lacks it. */
export interface Identity {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly version: string;
}

export function identityOf({ metadata }: KubeObject): Identity {
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace,
    uid: metadata?.uid ?? '',
    version: metadata?.resourceVersion ?? '',
  };
}

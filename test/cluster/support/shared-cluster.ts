import { describe, inject } from 'vitest';
import { kubeconfigOf } from '../harness/index.js';

/** What the specs know of the cluster that they share; plain data, because it crosses processes. */
export interface SharedCluster {
  readonly url: string;
  readonly ca: string;
  /** Tokens by user name. */
  readonly users: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly registry: { readonly host: string; readonly repository: string };
  readonly identity: { readonly url: string };
}

/** Where nothing can be built, the sentence that says so. */
export type Provided = SharedCluster | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    realCluster: Provided;
  }
}

/** A suite on the shared real cluster; skipped, and counted as such, where there is none to be had. */
export function describeReal(name: string, body: (cluster: SharedCluster) => void): void {
  const provided = inject('realCluster');
  if ('missing' in provided) describe.skip(name, () => body(placeholder));
  else describe(name, () => body(provided));
}

/** Lets a skipped suite be collected and counted. */
const placeholder: SharedCluster = {
  url: 'https://127.0.0.1:1',
  ca: '',
  users: {},
  folder: '',
  registry: { host: '', repository: '' },
  identity: { url: '' },
};

/** A kubeconfig of the shared cluster. */
export function kubeconfigFor({ url, ca, users }: SharedCluster, namespace: string, user: string): object {
  return kubeconfigOf({ url, ca, user, token: users[user] ?? '', namespace });
}

import { describe, inject } from 'vitest';
import { kubeconfigOf, type NodeRegistries } from '../harness/index.js';

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

/** A cluster whose one node is real; its `registry` is a real docker-registry, from which the node pulls. */
export interface SharedNode extends SharedCluster {
  readonly nodeName: string;
  readonly registries: NodeRegistries;
}

/** Where there is none to be had, the sentence that says why. */
export type Provided<T> = T | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    realCluster: Provided<SharedCluster>;
    realNode: Provided<SharedNode>;
  }
}

/** A suite on the shared real cluster; skipped, and counted as such, where there is none to be had. */
export function describeReal(name: string, body: (cluster: SharedCluster) => void): void {
  const provided = inject('realCluster');
  if ('missing' in provided) describe.skip(name, () => body(placeholder));
  else describe(name, () => body(provided));
}

/** A suite on the cluster with the real node, alone on it; skipped, and counted as such, without root or cgroups. */
export function describeNode(name: string, body: (node: SharedNode) => void): void {
  const provided = inject('realNode');
  if ('missing' in provided) describe.skip(name, () => body(noNode));
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

const noNode: SharedNode = {
  ...placeholder,
  nodeName: '',
  registries: { open: '', guarded: '', credentials: '', slow: '', silent: '', dead: '' },
};

/** A kubeconfig of the shared cluster. */
export function kubeconfigFor({ url, ca, users }: SharedCluster, namespace: string, user: string): object {
  return kubeconfigOf({ url, ca, user, token: users[user] ?? '', namespace });
}

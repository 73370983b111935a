import type { Cluster } from '../../../simulator/cluster.js';
import { shapesIn, stored, withoutChance } from '../../support/cluster-shapes.js';
import type { Stored } from '../../support/cluster-shapes.js';

export interface StoredLab extends Stored {
  readonly spec: { readonly operation: { readonly id: string; readonly kind: string } };
  readonly status?: {
    readonly phase: string;
    readonly operation?: { readonly ended?: string };
    readonly failure?: { readonly reason: string };
    readonly ledger?: readonly { readonly message: string }[];
  };
}

const KINDS = [
  'namespaces',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'services',
  'resourcequotas',
  'persistentvolumeclaims',
  'networkpolicies.networking.k8s.io',
  'pods',
];

/** The cluster's own; whoever runs on it has no part in them. */
const OTHERS = new Set(['kube-root-ca.crt']);

export const labOf = (cluster: Cluster, user: string): StoredLab | undefined =>
  stored(cluster, 'labs.berth.dev').find(({ metadata }) => metadata.name === user) as StoredLab | undefined;

/**
 * Everything of one user in the cluster, request Secrets included, with what differs from run to run taken out: ids,
 * times, versions, addresses, nodes.
 */
export function pictureOf(cluster: Cluster, user: string): unknown {
  const lab = labOf(cluster, user);
  const objects = shapesIn(cluster, KINDS, (metadata) => belongs(metadata, user)).map(unlabelledAccount);
  return withoutChance({ lab: lab && recordOf(lab), objects }, lab?.spec.operation.id);
}

/** The cluster makes every namespace's account too; whoever was first has labelled it, or has not. */
function unlabelledAccount(shape: object): object {
  const isAccount = 'name' in shape && shape.name === 'default';
  return isAccount ? { ...shape, labels: undefined } : shape;
}

function belongs({ name, namespace }: Stored['metadata'], user: string): boolean {
  if (OTHERS.has(name)) return false;
  if (namespace === 'berth') return name.includes(user);
  return (namespace ?? name) === `userlabs-${user}`;
}

/** What the record must say in the end; how many lives it took is another matter. */
function recordOf({ metadata, spec, status }: StoredLab): object {
  const { id: _id, acceptedAt: _at, ...operation } = spec.operation as Record<string, unknown>;
  const { labels, finalizers } = metadata;
  const { phase, operation: progress, failure } = status ?? {};
  const ended = progress?.ended;
  return { labels, finalizers, spec: { ...spec, operation }, phase, ended, failure: failure?.reason };
}

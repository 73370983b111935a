import type { Cluster } from '../../../simulator/cluster.js';

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly data?: unknown;
}

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

export function stored(cluster: Cluster, resource: string): readonly Stored[] {
  return cluster.api.store.dump(resource);
}

export const labOf = (cluster: Cluster, user: string): StoredLab | undefined =>
  stored(cluster, 'labs.berth.dev').find(({ metadata }) => metadata.name === user) as StoredLab | undefined;

/**
 * Everything of one user in the cluster, request Secrets included, with what differs from run to run taken out: ids,
 * times, versions, addresses, nodes.
 */
export function pictureOf(cluster: Cluster, user: string): unknown {
  const lab = labOf(cluster, user);
  const objects = KINDS.flatMap((kind) =>
    stored(cluster, kind)
      .filter(({ metadata }) => belongs(metadata, user))
      .map((object) => ({ kind, ...shapeOf(object) })),
  );
  const operation = lab?.spec.operation.id ?? 'none';
  const text = JSON.stringify({ lab: lab && recordOf(lab), objects })
    .replaceAll(operation, 'OPERATION')
    .replace(/("berth.dev\/operation":")[a-z2-7]{10}/g, '$1EARLIER')
    .replace(/("berth.dev\/intent":")[0-9a-f]{32}/g, '$1INTENT')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  return JSON.parse(text);
}

function belongs({ name, namespace }: Stored['metadata'], user: string): boolean {
  if (OTHERS.has(name)) return false;
  if (namespace === 'berth') return name.includes(user);
  return (namespace ?? name) === `userlabs-${user}`;
}

function shapeOf({ metadata, spec, data }: Stored): object {
  const { name, labels, annotations, ownerReferences, finalizers, deletionTimestamp } = metadata;
  const owners = ownerReferences?.map((owner) => `${owner.kind} ${owner.name}`);
  const going = deletionTimestamp !== undefined;
  return { name, labels, annotations, owners, finalizers, going, data, spec: withoutNode(spec) };
}

function withoutNode(spec: unknown): unknown {
  const {
    nodeName: _node,
    clusterIP: _ip,
    clusterIPs: _ips,
    ...rest
  } = (spec ?? {}) as Record<string, unknown>;
  return rest;
}

/** What the record must say in the end; how many lives it took is another matter. */
function recordOf({ metadata, spec, status }: StoredLab): object {
  const { id: _id, acceptedAt: _at, ...operation } = spec.operation as Record<string, unknown>;
  const { labels, finalizers } = metadata;
  const { phase, operation: progress, failure } = status ?? {};
  const ended = progress?.ended;
  return { labels, finalizers, spec: { ...spec, operation }, phase, ended, failure: failure?.reason };
}

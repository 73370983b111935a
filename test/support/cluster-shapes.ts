import type { Cluster } from '../../simulator/cluster.js';

export interface Stored {
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

/** What the embedded cluster stores of a resource: `pods`, `labs.berth.dev`. */
export function stored(cluster: Cluster, resource: string): readonly Stored[] {
  return cluster.api.store.dump(resource);
}

/** The objects of these resources that `isMeant` picks, without what differs from run to run. */
export function shapesIn(
  cluster: Cluster,
  resources: readonly string[],
  isMeant: (metadata: Stored['metadata']) => boolean,
): readonly object[] {
  return resources.flatMap((kind) =>
    stored(cluster, kind)
      .filter(({ metadata }) => isMeant(metadata))
      .map((object) => ({ kind, ...shapeOf(object) })),
  );
}

/** What we made of an object: neither its place nor its identity. */
export function shapeOf({ metadata, spec, data }: Stored) {
  const { name, labels, annotations, ownerReferences, finalizers, deletionTimestamp } = metadata;
  const owners = ownerReferences?.map((owner) => `${owner.kind} ${owner.name}`);
  const going = deletionTimestamp !== undefined;
  return { name, labels, annotations, owners, finalizers, going, data, spec: withoutPlace(spec) };
}

/** Which node and which address it got is chance. */
function withoutPlace(spec: unknown): unknown {
  const {
    nodeName: _node,
    clusterIP: _ip,
    clusterIPs: _ips,
    ...rest
  } = (spec ?? {}) as Record<string, unknown>;
  return rest;
}

/** The same with ids, hashes, UIDs and times replaced by words; `operation` is the one that is to be told from earlier ones. */
export function withoutChance(value: unknown, operation = 'none'): unknown {
  const text = JSON.stringify(value)
    .replaceAll(operation, 'OPERATION')
    .replace(/("berth.dev\/operation":")[a-z2-7]{10}/g, '$1EARLIER')
    .replace(/("berth.dev\/intent":")[0-9a-f]{32}/g, '$1INTENT')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  return JSON.parse(text);
}

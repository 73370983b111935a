import type { Settings } from './config/index.js';
import type { AccessNeed } from './kubernetes/index.js';

const WATCHED = ['get', 'list', 'watch'];

interface Grant {
  readonly group?: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** In all namespaces: users' namespaces and what labs are made of. Never a read of a Secret. */
const EVERYWHERE: readonly Grant[] = [
  { resources: ['namespaces'], verbs: [...WATCHED, 'create', 'patch', 'delete'] },
  { resources: ['pods'], verbs: [...WATCHED, 'create', 'delete'] },
  { resources: ['nodes'], verbs: ['list', 'watch'] },
  { group: 'storage.k8s.io', resources: ['storageclasses'], verbs: ['get'] },
  { resources: ['events'], verbs: ['list', 'watch'] },
  { resources: ['configmaps', 'secrets'], verbs: ['create', 'deletecollection'] },
  { resources: ['configmaps', 'resourcequotas', 'serviceaccounts'], verbs: ['get'] },
  {
    resources: ['persistentvolumeclaims', 'resourcequotas', 'serviceaccounts', 'services'],
    verbs: ['create'],
  },
  { resources: ['services'], verbs: ['list', 'watch'] },
  { group: 'networking.k8s.io', resources: ['networkpolicies'], verbs: ['create', 'list', 'watch'] },
];

/** In our own namespace: the records, the requests, the lease. */
const OWN: readonly Grant[] = [
  { group: 'berth.dev', resources: ['labs', 'nodeimages'], verbs: [...WATCHED, 'create', 'patch', 'delete'] },
  { group: 'berth.dev', resources: ['labs/status'], verbs: ['patch'] },
  { resources: ['secrets'], verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  { resources: ['events'], verbs: ['create'] },
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  { group: 'apps', resources: ['replicasets'], verbs: ['get'] },
];

/** Records of file servers, in our own namespace. */
const FILE_RECORDS: readonly Grant[] = [
  {
    group: 'berth.dev',
    resources: ['fileservers'],
    verbs: [...WATCHED, 'create', 'patch', 'delete'],
  },
  { group: 'berth.dev', resources: ['fileservers/status'], verbs: ['patch'] },
];

/** Where file servers live: what they consist of, and what publishes them. */
const FILES: readonly Grant[] = [
  { group: 'batch', resources: ['jobs'], verbs: [...WATCHED, 'create', 'patch', 'delete'] },
  { resources: ['services'], verbs: [...WATCHED, 'create', 'delete'] },
  { resources: ['persistentvolumeclaims'], verbs: ['create', 'deletecollection'] },
];
const INGRESSES: Grant = { group: 'networking.k8s.io', resources: ['ingresses'], verbs: WATCHED };
const MADE = [...WATCHED, 'create', 'delete'];
const PUBLISHED: Readonly<Record<Publication, readonly Grant[]>> = {
  gafaelfawr: [{ group: 'gafaelfawr.lsst.io', resources: ['gafaelfawringresses'], verbs: MADE }, INGRESSES],
  ingress: [{ ...INGRESSES, verbs: MADE }],
  httproute: [{ group: 'gateway.networking.k8s.io', resources: ['httproutes'], verbs: MADE }],
};

type Publication = Settings['berth']['fileservers']['publish'];

/** What this process must be allowed to do, one verb at a time. */
export function neededRights(
  ownNamespace: string,
  { fileserver, berth }: Pick<Settings, 'fileserver' | 'berth'>,
): readonly AccessNeed[] {
  return [
    ...EVERYWHERE.flatMap((grant) => needsOf(grant)),
    ...OWN.flatMap((grant) => needsOf(grant, ownNamespace)),
    ...(fileserver.enabled ? fileNeeds(ownNamespace, fileserver.namespace, berth.fileservers.publish) : []),
  ];
}

const fileNeeds = (own: string, namespace: string, publish: Publication): readonly AccessNeed[] => [
  ...FILE_RECORDS.flatMap((grant) => needsOf(grant, own)),
  ...[...FILES, ...PUBLISHED[publish]].flatMap((grant) => needsOf(grant, namespace)),
];

const needsOf = ({ group = '', resources, verbs }: Grant, namespace?: string): AccessNeed[] =>
  resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, namespace })));

/** One sentence for each resource and place, naming all the verbs that are missing there. */
export function describeMissing(missing: readonly AccessNeed[]): string[] {
  const verbs = new Map<string, string[]>();
  for (const need of missing) {
    const what = nameOf(need);
    verbs.set(what, [...(verbs.get(what) ?? []), need.verb]);
  }
  return Array.from(verbs, ([what, some]) => `Not allowed to ${some.join(', ')} ${what}`);
}

/** As in `kubectl auth can-i`: `labs.berth.dev/status`. */
function nameOf({ group, resource, namespace }: AccessNeed): string {
  const [plural = '', subresource] = resource.split('/');
  const qualified = group === '' ? plural : `${plural}.${group}`;
  const what = subresource === undefined ? qualified : `${qualified}/${subresource}`;
  return `${what} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`;
}

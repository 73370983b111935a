import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { AuditedRequest } from '../harness/index.js';
import type { Api } from './api.js';
import type { SharedCluster } from './shared-cluster.js';

const FILE = 'helm/berth/files/rbac.yaml';
const GROUP = 'rbac.authorization.k8s.io';

interface Rule {
  /** None of both where a rule means paths. */
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}

interface RoleObject {
  readonly kind: 'ClusterRole' | 'Role';
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules: readonly Rule[];
}

async function readRoles(): Promise<readonly RoleObject[]> {
  const documents = parseAllDocuments(await readFile(FILE, 'utf8'));
  return documents.map((document) => document.toJS() as RoleObject);
}

/** Every right that the manifest grants, as `verb resource.group in scope`, sorted. */
export async function grantedRights(): Promise<readonly string[]> {
  return rightsOf(await readRoles());
}

/** Every right in the roles among these objects, in the same words. */
export function rightsOf(objects: readonly { readonly kind: string }[]): readonly string[] {
  const roles = objects.filter((each): each is RoleObject => ['ClusterRole', 'Role'].includes(each.kind));
  const rights = roles.flatMap(({ kind, rules }) =>
    rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => rightOf({ verb, group, resource, isOurs: kind === 'Role' })),
        ),
      ),
    ),
  );
  return [...new Set(rights)].sort();
}

interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Only in our own namespace. */
  readonly isOurs: boolean;
}

/** One right as a line. */
export const rightOf = ({ verb, group, resource, isOurs }: Right): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`} in ${isOurs ? 'our namespace' : 'all namespaces'}`;

/** Parts of Berth that have rights of their own, which the chart gives only where the part is on. */
export type Part = 'fileservers' | 'fsadmin';

/** The user as whom Berth itself calls, in a cluster that `grantRights` answers. */
export const ACCOUNT = 'berth';

/** How an API server calls Berth's own service account in this namespace. */
export const accountIn = (namespace: string): string => `system:serviceaccount:${namespace}:${ACCOUNT}`;

/**
 * Makes Berth's service account in this namespace, with exactly the rights that the chart gives it there, parts that
 * are off left out. Answers the cluster with the account's token as the user `berth`.
 */
export async function grantRights<C extends SharedCluster>(
  api: Api,
  cluster: C,
  namespace: string,
  parts: readonly Part[] = [],
): Promise<C> {
  await api.make(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: ACCOUNT } });
  for (const role of await readRoles()) {
    const { kind, metadata, rules } = role;
    const part = metadata.annotations?.['berth.dev/part'];
    if (part !== undefined && !parts.some((each) => each === part)) continue;
    // Others grant theirs on the same cluster.
    const name = `${metadata.name}-${namespace}`;
    const scope = kind === 'Role' ? `namespaces/${namespace}/` : '';
    const path = `/apis/${GROUP}/v1/${scope}`;
    await api.make(`${path}${kind.toLowerCase()}s`, { metadata: { name }, rules });
    await api.make(`${path}${kind.toLowerCase()}bindings`, {
      metadata: { name },
      roleRef: { apiGroup: GROUP, kind, name },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
    });
  }
  return asAccount(api, cluster, namespace);
}

/** The cluster with the token of a service account of this namespace as a user of its name; default Berth's own. */
export async function asAccount<C extends SharedCluster>(
  api: Api,
  cluster: C,
  namespace: string,
  account = ACCOUNT,
): Promise<C> {
  const { body } = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  );
  return { ...cluster, users: { ...cluster.users, [account]: body.status.token } };
}

/** Everything that roles of this cluster, those of Kubernetes itself left out, give to any account of Berth. */
export async function boundRights(api: Api): Promise<readonly string[]> {
  const list = async <T>(plural: string): Promise<readonly T[]> =>
    (await api.get<{ items: readonly T[] }>(`/apis/${GROUP}/v1/${plural}`)).body.items;
  const bindings = [
    ...(await list<BindingObject>('clusterrolebindings')),
    ...(await list<BindingObject>('rolebindings')),
  ].filter(
    ({ metadata, subjects = [] }) => !metadata.name.startsWith('system:') && subjects.some(meansBerth),
  );
  const roles = [
    ...(await list<RoleObject>('clusterroles')).map((role) => ({ ...role, kind: 'ClusterRole' as const })),
    ...(await list<RoleObject>('roles')).map((role) => ({ ...role, kind: 'Role' as const })),
  ];
  return rightsOf(
    bindings.flatMap(({ roleRef, metadata }) =>
      roles.filter(
        ({ kind, metadata: { name, namespace } }) =>
          kind === roleRef.kind &&
          name === roleRef.name &&
          (kind === 'ClusterRole' || namespace === metadata.namespace),
      ),
    ),
  );
}

interface BindingObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
}

const meansBerth = ({ kind, name }: { readonly kind: string; readonly name: string }): boolean =>
  kind === 'ServiceAccount' ? name === ACCOUNT : /^system:(serviceaccount|authenticated)/.test(name);

/**
 * The rights that these requests needed, in the same words; those that were refused used none. Whatever is watched needs
 * its list too: an informer's first one comes in the watch, and in pages only once a version has expired.
 */
export function rightsUsedBy(requests: readonly AuditedRequest[], ourNamespace: string): ReadonlySet<string> {
  const rights = requests.flatMap(({ verb, objectRef, responseStatus }) => {
    if (objectRef?.resource === undefined || responseStatus?.code === 403) return [];
    const { apiGroup = '', resource, subresource, namespace } = objectRef;
    const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
    // A namespace lies in none; the log names it as its own.
    const isOurs = namespace === ourNamespace && resource !== 'namespaces';
    const verbs = verb === 'watch' ? ['list', 'watch'] : [verb];
    return verbs.map((each) => rightOf({ verb: each, group: apiGroup, resource: whole, isOurs }));
  });
  return new Set(rights);
}

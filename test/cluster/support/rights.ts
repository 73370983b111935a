import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { AuditedRequest } from '../harness/index.js';
import type { Api } from './api.js';

const FILE = 'helm/berth/files/rbac.yaml';
const GROUP = 'rbac.authorization.k8s.io';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface RoleObject {
  readonly kind: 'ClusterRole' | 'Role';
  readonly metadata: { readonly name: string };
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
    rules.flatMap(({ apiGroups, resources, verbs }) =>
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

/** Gives a user exactly the rights that the chart gives Berth in this namespace. */
export async function grantRights(api: Api, user: string, namespace: string): Promise<void> {
  for (const role of await readRoles()) {
    const { kind, metadata } = role;
    // Others grant theirs on the same cluster.
    const name = `${metadata.name}-${namespace}`;
    const scope = kind === 'Role' ? `namespaces/${namespace}/` : '';
    const path = `/apis/${GROUP}/v1/${scope}`;
    await api.make(`${path}${kind.toLowerCase()}s`, { ...role, metadata: { ...metadata, name } });
    await api.make(`${path}${kind.toLowerCase()}bindings`, {
      metadata: { name },
      roleRef: { apiGroup: GROUP, kind, name },
      subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
    });
  }
}

/** The rights that these requests needed, in the same words; those that were refused used none. */
export function rightsUsedBy(requests: readonly AuditedRequest[], ourNamespace: string): ReadonlySet<string> {
  const rights = requests.flatMap(({ verb, objectRef, responseStatus }) => {
    if (objectRef?.resource === undefined || responseStatus?.code === 403) return [];
    const { apiGroup = '', resource, subresource, namespace } = objectRef;
    const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
    // A namespace lies in none; the log names it as its own.
    const isOurs = namespace === ourNamespace && resource !== 'namespaces';
    return [rightOf({ verb, group: apiGroup, resource: whole, isOurs })];
  });
  return new Set(rights);
}

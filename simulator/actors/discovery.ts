import type { Client } from './client.js';
import type { SharedInformers } from './shared.js';
import type { KubeObject } from './types.js';

/** One kind that can be listed, watched and deleted. */
export interface Resource {
  /** `v1` or `group/version`. */
  groupVersion: string;
  /** The plural of the URL. */
  name: string;
  kind: string;
  namespaced: boolean;
}

interface ResourceList {
  groupVersion: string;
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

interface GroupList {
  groups: { name: string; preferredVersion: { groupVersion: string } }[];
}

const needed = ['list', 'watch', 'delete'];

/** Where a group and version is served. */
const basePath = (groupVersion: string): string =>
  groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;

/** The path of all objects of a kind, or of those in one namespace. */
export function listPath({ groupVersion, name, namespaced }: Resource, namespace?: string): string {
  const scope = namespaced && namespace !== undefined ? `namespaces/${namespace}/` : '';
  return `${basePath(groupVersion)}/${scope}${name}`;
}

export const objectPath = (resource: Resource, { namespace, name }: KubeObject['metadata']): string =>
  `${listPath(resource, namespace)}/${name}`;

/** The kinds the API server serves; asked anew after any change of a CustomResourceDefinition. */
export class Discovery {
  private known: Promise<Resource[]> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly informers: SharedInformers) {}

  async start(): Promise<void> {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const definitions = this.informers.get(path);
    await definitions.start();
    definitions.subscribe({ changed: () => this.forget(), gone: () => this.forget() });
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  resources(): Promise<Resource[]> {
    this.known ??= discover(this.informers.client).catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private forget(): void {
    this.known = undefined;
    for (const each of this.listeners) each();
  }
}

async function discover(client: Client): Promise<Resource[]> {
  const { groups } = await client.get<GroupList>('/apis');
  // Events are served by two groups; one is enough.
  const preferred = groups
    .filter((each) => each.name !== 'events.k8s.io')
    .map((each) => each.preferredVersion.groupVersion);
  const lists = await Promise.all(
    ['v1', ...preferred].map((each) => client.find<ResourceList>(basePath(each))),
  );
  return lists.flatMap((list) =>
    (list?.resources ?? [])
      .filter(({ name, verbs }) => !name.includes('/') && needed.every((verb) => verbs.includes(verb)))
      .map(({ name, kind, namespaced }) => ({
        groupVersion: list?.groupVersion ?? 'v1',
        name,
        kind,
        namespaced,
      })),
  );
}

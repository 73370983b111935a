import type { Fields } from '../objects.js';
import type { Registry } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';

/** Resources that only answer a POST. */
const REVIEWS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'authorization.k8s.io': [
    ['selfsubjectaccessreviews', 'SelfSubjectAccessReview'],
    ['selfsubjectrulesreviews', 'SelfSubjectRulesReview'],
    ['subjectaccessreviews', 'SubjectAccessReview'],
  ],
  'authentication.k8s.io': [
    ['selfsubjectreviews', 'SelfSubjectReview'],
    ['tokenreviews', 'TokenReview'],
  ],
};

/** The documents under /api and /apis, for one path; undefined when the path is none of them. */
export function discoveryDocument(registry: Registry, path: string, aggregated: boolean): Fields | undefined {
  const [root, ...rest] = path.split('/').filter((segment) => segment !== '');
  if (root === 'api') return coreDocument(registry, rest, aggregated);
  return root === 'apis' ? groupDocument(registry, rest, aggregated) : undefined;
}

function coreDocument(
  registry: Registry,
  [version, ...more]: string[],
  aggregated: boolean,
): Fields | undefined {
  if (more.length > 0) return undefined;
  if (version === 'v1') return resourceList(registry, '', 'v1');
  if (version !== undefined) return undefined;
  return aggregated ? aggregate(registry, ['']) : { kind: 'APIVersions', versions: ['v1'] };
}

function groupDocument(registry: Registry, path: string[], aggregated: boolean): Fields | undefined {
  const [group, version, ...more] = path;
  if (more.length > 0) return undefined;
  if (group === undefined) return aggregated ? aggregate(registry, groupsOf(registry)) : groupList(registry);
  if (!groupsOf(registry).includes(group)) return undefined;
  if (version === undefined) return { apiVersion: 'v1', ...groupOf(registry, group) };
  return versionsOf(registry, group).includes(version) ? resourceList(registry, group, version) : undefined;
}

function groupsOf(registry: Registry): string[] {
  const named = registry.groupNames().filter((group) => group !== '');
  return [...new Set([...named, ...Object.keys(REVIEWS)])].sort();
}

function versionsOf(registry: Registry, group: string): string[] {
  const versions = registry.versions(group);
  return versions.length === 0 && REVIEWS[group] ? ['v1'] : versions;
}

function groupList(registry: Registry): Fields {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(registry).map((group) => groupOf(registry, group)),
  };
}

function groupOf(registry: Registry, group: string): Fields {
  const versions = versionsOf(registry, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { kind: 'APIGroup', name: group, versions, preferredVersion: versions[0] };
}

function resourceList(registry: Registry, group: string, version: string): Fields {
  const reviews = (REVIEWS[group] ?? []).map(([name, kind]) => ({
    name,
    singularName: kind.toLowerCase(),
    namespaced: false,
    kind,
    verbs: ['create'],
  }));
  const resources = registry.inVersion(group, version).flatMap(entriesOf);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: [...resources, ...reviews],
  };
}

function entriesOf(resource: Resource): Fields[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...resource.subresources.map((sub) => ({
      name: `${plural}/${sub.name}`,
      singularName: '',
      namespaced,
      ...(sub.group ? { group: sub.group, version: sub.version } : {}),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ];
}

function aggregate(registry: Registry, groups: readonly string[]): Fields {
  const items = groups.map((group) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versionsOf(registry, group).map((version) => ({
      version,
      resources: [...registry.inVersion(group, version).map(aggregated), ...reviewsOf(group)],
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregated(resource: Resource): Fields {
  const { group, version, kind, namespaced, plural, singular, verbs, shortNames, categories } = resource;
  const subresources = resource.subresources.map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function reviewsOf(group: string): Fields[] {
  return (REVIEWS[group] ?? []).map(([name, kind]) => ({
    resource: name,
    responseKind: { group, version: 'v1', kind },
    scope: 'Cluster',
    singularResource: kind.toLowerCase(),
    verbs: ['create'],
  }));
}

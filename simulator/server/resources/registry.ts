import type { Resource } from './resource.js';
import { apiVersionOf } from './resource.js';

/** Which resources are served now: the built-in ones for ever, those of CRDs while their CRD stands. */
export class Registry {
  private readonly byPath = new Map<string, Resource>();
  private readonly groups = new Map<string, Set<string>>();

  constructor(builtins: readonly Resource[]) {
    for (const resource of builtins) this.add(resource);
  }

  add(resource: Resource): void {
    this.byPath.set(path(resource.group, resource.version, resource.plural), resource);
    const versions = this.groups.get(resource.group) ?? new Set<string>();
    this.groups.set(resource.group, versions.add(resource.version));
  }

  remove(resource: Resource): void {
    this.byPath.delete(path(resource.group, resource.version, resource.plural));
    if (this.inVersion(resource.group, resource.version).length > 0) return;
    this.groups.get(resource.group)?.delete(resource.version);
    if (this.groups.get(resource.group)?.size === 0) this.groups.delete(resource.group);
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.byPath.get(path(group, version, plural));
  }

  /** By kind and the `group/version` an object carries. */
  findKind(apiVersion: string, kind: string): Resource | undefined {
    return this.all().find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  }

  hasVersion(group: string, version: string): boolean {
    return this.groups.get(group)?.has(version) ?? false;
  }

  hasGroup(group: string): boolean {
    return this.groups.has(group);
  }

  all(): Resource[] {
    return [...this.byPath.values()];
  }

  /** Group names in order, the core group '' first. */
  groupNames(): string[] {
    return [...this.groups.keys()].sort();
  }

  versions(group: string): string[] {
    return [...(this.groups.get(group) ?? [])];
  }

  inVersion(group: string, version: string): Resource[] {
    return this.all().filter((resource) => resource.group === group && resource.version === version);
  }

  /** The resource that owns a table: its first registered version. */
  ofStorage(storage: string): Resource | undefined {
    return this.all().find((resource) => resource.storage === storage);
  }
}

function path(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

import type { Context } from '../context.js';
import type { FieldError } from '../field-error.js';
import type { KubeObject } from '../objects.js';
import type { StructuralSchema } from '../schema/schema.js';
import type { Labels } from '../store/entry.js';

export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, others only with `-o wide`. */
  readonly priority?: number;
  readonly cell: (object: KubeObject, nowMs: number) => unknown;
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** What one kind does differently from plain storage. Every hook may change the object it is given. */
export interface Strategy {
  readonly nameRule: NameRule;
  /** metadata.generation starts at 1 and grows with each change beside metadata and status. */
  readonly generation: boolean;
  /** PUT without a resourceVersion overwrites; otherwise it is refused. */
  readonly unconditionalUpdate: boolean;
  /** PUT of an absent name creates it. */
  readonly createsOnUpdate?: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Status belongs to its subresource: other writes leave it alone. */
  readonly statusSubresource: boolean;
  /** A write to the status leaves labels, annotations and finalizers alone too. */
  readonly statusKeepsMetadata?: boolean;
  /** DELETE without a propagation policy leaves dependents behind. */
  readonly orphansByDefault?: boolean;
  /** Field selectors known beside name and namespace. */
  readonly selectable: readonly string[];
  readonly index?: (object: KubeObject) => Labels;
  /** Defaults, for creates and updates. */
  readonly complete?: (object: KubeObject, context: Context) => void;
  readonly create?: (object: KubeObject, context: Context) => void;
  readonly update?: (object: KubeObject, old: KubeObject, context: Context) => void;
  readonly validate?: (object: KubeObject, old?: KubeObject) => FieldError[];
}

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** The table that holds the objects; all versions and views of a resource share one. */
  readonly storage: string;
  readonly builtin: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  readonly strategy: Strategy;
  readonly columns: readonly Column[];
  readonly schema?: StructuralSchema | undefined;
  /** Shows a stored object as this resource; absent when it is stored as it is shown. */
  readonly fromStored?: (object: KubeObject) => KubeObject;
  readonly toStored?: (object: KubeObject) => KubeObject;
}

export const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

export const PLAIN: Strategy = {
  nameRule: 'subdomain',
  generation: false,
  unconditionalUpdate: true,
  returnsDeleted: false,
  statusSubresource: false,
  selectable: [],
};

export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

export function storageKey(group: string, plural: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export const STATUS_VERBS = ['get', 'patch', 'update'] as const;

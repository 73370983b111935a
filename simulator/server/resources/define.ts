import type { Column, Resource, Strategy, Subresource } from './resource.js';
import { ALL_VERBS, PLAIN, STATUS_VERBS, storageKey } from './resource.js';
import { AGE, NAME } from '../tables/column.js';

export interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: boolean;
  readonly strategy?: Partial<Strategy>;
  readonly columns?: readonly Column[];
  readonly subresources?: readonly Subresource[];
  readonly verbs?: readonly string[];
}

/** A built-in resource; what is not said is the usual. */
export function define(group: string, version: string, definition: Definition): Resource {
  const strategy: Strategy = { ...PLAIN, ...definition.strategy };
  const status: Subresource = { name: 'status', kind: definition.kind, verbs: STATUS_VERBS };
  return {
    group,
    version,
    kind: definition.kind,
    listKind: `${definition.kind}List`,
    plural: definition.plural,
    singular: definition.kind.toLowerCase(),
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    namespaced: !definition.cluster,
    storage: storageKey(group, definition.plural),
    builtin: true,
    verbs: definition.verbs ?? ALL_VERBS,
    subresources: [...(strategy.statusSubresource ? [status] : []), ...(definition.subresources ?? [])],
    strategy,
    columns: definition.columns ?? [NAME, AGE],
  };
}

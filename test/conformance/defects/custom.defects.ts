import type * as CrdResource from '../../../simulator/server/crd/crd-resource.js';
import type * as FieldErrors from '../../../simulator/server/field-error.js';
import type * as PodDefaults from '../../../simulator/server/resources/pod-defaults.js';
import type { Resource } from '../../../simulator/server/resources/resource.js';
import type * as Defaults from '../../../simulator/server/schema/defaults.js';
import type * as Prune from '../../../simulator/server/schema/prune.js';
import type * as Validate from '../../../simulator/server/schema/validate.js';
import { defect, type CaughtBy, type Defect } from './defect.js';

const PRUNE = 'server/schema/prune.ts';
const PRUNED = 'unknown fields are pruned, with a Warning';

/** A lie about what a definition serves. */
function served(name: string, caughtBy: CaughtBy, change: (resource: Resource) => Partial<Resource>): Defect {
  return defect<typeof CrdResource>(name, 'server/crd/crd-resource.ts', caughtBy, ({ resourcesOf }) => ({
    resourcesOf: (...args: Parameters<typeof CrdResource.resourcesOf>) =>
      resourcesOf(...args).map((resource) => ({ ...resource, ...change(resource) })),
  }));
}

/** Lies about custom resources and defaults. */
export const customDefects: readonly Defect[] = [
  served(
    'status is let through the main path',
    ['custom', 'a status is dropped at the creation and by the main path'],
    ({ strategy }) => ({ strategy: { ...strategy, statusSubresource: false } }),
  ),
  served(
    'labels are let through the status path',
    ['custom', 'the status path writes the status and nothing else'],
    ({ strategy }) => ({ strategy: { ...strategy, statusKeepsMetadata: false } }),
  ),
  served(
    'the generation stands still',
    ['custom', 'the generation grows with the spec and with a deletion only'],
    ({ strategy }) => ({ strategy: { ...strategy, generation: false } }),
  ),
  served(
    'a custom resource is replaced without a version',
    ['update', 'a custom resource is not replaced without a version'],
    ({ strategy }) => ({ strategy: { ...strategy, unconditionalUpdate: true } }),
  ),
  served('columns are lost', ['views', 'a list as table has columns, rows and metadata'], ({ columns }) => ({
    columns: columns.slice(0, 1),
  })),
  served('short names are lost', ['discovery', 'the resources of other groups'], () => ({ shortNames: [] })),
  defect<typeof Prune>('nothing is pruned', PRUNE, ['custom', PRUNED], () => ({ pruneUnknown: () => [] })),
  defect<typeof Prune>('pruning happens in silence', PRUNE, ['custom', PRUNED], ({ pruneUnknown }) => ({
    pruneUnknown: (...args: Parameters<typeof Prune.pruneUnknown>) => {
      pruneUnknown(...args);
      return [];
    },
  })),
  defect<typeof Defaults>(
    'there are no defaults',
    'server/schema/defaults.ts',
    ['custom', 'a valid object gets its defaults and generation 1'],
    () => ({ applyDefaults: () => undefined }),
  ),
  defect<typeof Validate>(
    'nothing is validated',
    'server/schema/validate.ts',
    ['custom', 'a number out of bounds is 422'],
    () => ({ validateSchema: () => [] }),
  ),
  defect<typeof FieldErrors>(
    'a value outside its list has another cause',
    'server/field-error.ts',
    ['custom', 'a value outside its list is 422 with the values there are'],
    ({ invalid }) => ({
      notSupported: (field: string, value: unknown) => invalid(field, value, 'unsupported'),
    }),
  ),
  defect<typeof PodDefaults>(
    'pods have no defaults',
    'server/resources/pod-defaults.ts',
    ['pods', 'a pod gets its defaults'],
    () => ({ completePodSpec: () => undefined }),
  ),
];

import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf, recordsOf, textOf, textsOf, wordOf } from '../objects.js';
import type { Column, Resource, Strategy, Subresource } from '../resources/resource.js';
import { PLAIN, STATUS_VERBS, storageKey } from '../resources/resource.js';
import type { StructuralSchema } from '../schema/schema.js';
import type { Labels } from '../store/entry.js';
import { AGE, ageOf, NAME } from '../tables/column.js';
import { compileJsonPath } from '../tables/json-path.js';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** The resources a CRD defines, one for each served version. */
export function resourcesOf(crd: KubeObject): Resource[] {
  const spec = fieldsOf(crd['spec']);
  return recordsOf(spec['versions'])
    .filter((version) => version['served'] === true)
    .map((version) => resourceOf(spec, version));
}

function resourceOf(spec: Fields, version: Fields): Resource {
  const names = fieldsOf(spec['names']);
  const [group, kind, plural] = [textOf(spec['group']), textOf(names['kind']), textOf(names['plural'])];
  const subresources = fieldsOf(version['subresources']);
  const status: Subresource = { name: 'status', kind, verbs: STATUS_VERBS };
  const hasStatus = subresources['status'] !== undefined;
  return {
    group,
    version: textOf(version['name']),
    kind,
    listKind: textOf(names['listKind']) || `${kind}List`,
    plural,
    singular: textOf(names['singular']),
    shortNames: textsOf(names['shortNames']),
    categories: textsOf(names['categories']),
    namespaced: spec['scope'] === 'Namespaced',
    storage: storageKey(group, plural),
    builtin: false,
    verbs: VERBS,
    subresources: hasStatus ? [status] : [],
    strategy: strategyOf(version, hasStatus),
    columns: columnsOf(version),
    schema: fieldsOf(version['schema'])['openAPIV3Schema'] as StructuralSchema | undefined,
  };
}

function strategyOf(version: Fields, hasStatus: boolean): Strategy {
  const selectable = recordsOf(version['selectableFields']).map((field) => textOf(field['jsonPath']));
  const readers = selectable.map((path) => [path.replace(/^\./, ''), compileJsonPath(path)] as const);
  return {
    ...PLAIN,
    generation: true,
    unconditionalUpdate: false,
    statusSubresource: hasStatus,
    statusKeepsMetadata: true,
    selectable: readers.map(([name]) => name),
    ...(readers.length === 0 ? {} : { index: (object: KubeObject) => indexOf(object, readers) }),
  };
}

function indexOf(
  object: KubeObject,
  readers: readonly (readonly [string, (value: unknown) => unknown])[],
): Labels {
  return Object.fromEntries(readers.map(([name, read]) => [name, wordOf(read(object))]));
}

function columnsOf(version: Fields): Column[] {
  const defined = recordsOf(version['additionalPrinterColumns']);
  if (defined.length === 0) return [NAME, AGE];
  return [NAME, ...defined.map(columnOf)];
}

function columnOf(definition: Fields): Column {
  const path = textOf(definition['jsonPath']);
  const read = compileJsonPath(path);
  const type = textOf(definition['type']) as Column['type'];
  return {
    name: textOf(definition['name']),
    type,
    format: textOf(definition['format']),
    description:
      textOf(definition['description']) || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: typeof definition['priority'] === 'number' ? definition['priority'] : 0,
    cell: (object, nowMs) => cellOf(read(object), type, nowMs),
  };
}

function cellOf(value: unknown, type: Column['type'], nowMs: number): unknown {
  if (value === undefined || value === null) return null;
  if (type === 'date') return ageOf(value, nowMs);
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

import type { Fields, KubeObject } from '../objects.js';
import type { Column, Resource } from '../resources/resource.js';
import { apiVersionOf } from '../resources/resource.js';
import type { Entry } from '../store/entry.js';
import { head, parse, serialise } from '../store/entry.js';
import type { Shape } from './negotiate.js';

export interface ListMeta extends Fields {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface TableOptions {
  readonly includeObject: string;
  readonly nowMs: number;
  readonly withColumns: boolean;
}

/** The stored text, under the name and version the client asked for. */
export function fullText(resource: Resource, entry: Entry): string {
  if (resource.fromStored) return serialise(resource.fromStored(parse(entry)));
  const wanted = head(resource.kind, apiVersionOf(resource));
  if (entry.json.startsWith(wanted)) return entry.json;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = parse(entry);
  return serialise({ kind: resource.kind, apiVersion: apiVersionOf(resource), ...rest });
}

/** Metadata alone, for informers that need no more. */
export function partialText(entry: Entry): string {
  return JSON.stringify(partialOf(parse(entry)));
}

function partialOf(object: KubeObject): Fields {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

export function listText(
  resource: Resource,
  entries: readonly Entry[],
  meta: ListMeta,
  shape: Shape,
): string {
  if (shape === 'partial') {
    const start = head('PartialObjectMetadataList', 'meta.k8s.io/v1');
    return `${start}"metadata":${JSON.stringify(meta)},"items":[${entries.map(partialText).join(',')}]}`;
  }
  const start = head(resource.listKind, apiVersionOf(resource));
  // Lists of custom resources carry an empty token where there is no next chunk.
  const told = resource.builtin ? meta : { continue: '', ...meta };
  const items = entries.map((entry) => itemText(resource, entry));
  return `${start}"metadata":${JSON.stringify(told)},"items":[${items.join(',')}]}`;
}

/** Items of built-in lists name neither kind nor version; those of custom resources do. */
function itemText(resource: Resource, entry: Entry): string {
  const text = fullText(resource, entry);
  if (!resource.builtin) return text;
  return `{${text.slice(head(resource.kind, apiVersionOf(resource)).length)}`;
}

export function tableText(
  resource: Resource,
  entries: readonly Entry[],
  meta: ListMeta,
  options: TableOptions,
): string {
  const rows = entries.map((entry) => rowOf(resource, parse(entry), options));
  return JSON.stringify({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: meta,
    columnDefinitions: options.withColumns ? resource.columns.map(definitionOf) : null,
    rows,
  });
}

function rowOf(resource: Resource, object: KubeObject, options: TableOptions): Fields {
  const shown = resource.fromStored?.(object) ?? object;
  const cells = resource.columns.map((column) => column.cell(object, options.nowMs) ?? null);
  if (options.includeObject === 'None') return { cells, object: null };
  return { cells, object: options.includeObject === 'Object' ? shown : partialOf(object) };
}

function definitionOf(column: Column): Fields {
  const { name, type, format = '', description = '', priority = 0 } = column;
  return { name, type, format, description, priority };
}

export function metaOf(revision: number): ListMeta {
  return { resourceVersion: String(revision) };
}

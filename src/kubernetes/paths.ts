import type { KubeRequest } from './call.js';

const METHODS = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;

export const methodOf = (request: KubeRequest): (typeof METHODS)[KubeRequest['verb']] =>
  METHODS[request.verb];

/** The path and query of a request, below the server's address. */
export function pathOf(request: KubeRequest): string {
  const { kind, ref = {}, subresource } = request;
  const parts = [
    ...(kind.group === '' ? ['api'] : ['apis', kind.group]),
    kind.version,
    ...(kind.namespaced && ref.namespace !== undefined ? ['namespaces', ref.namespace] : []),
    kind.plural,
    ...(request.verb === 'create' ? [] : [ref.name]),
    subresource,
  ].filter((part) => part !== undefined);
  return '/' + parts.map(encodeURIComponent).join('/') + searchOf(request.query);
}

function searchOf(query: KubeRequest['query']): string {
  if (query === undefined) return '';
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}

const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export function headersOf(request: KubeRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' };
  // The watch's items are single objects, the list's answer is a list; the plain form is for servers that know neither.
  if (request.metadataOnly)
    headers.accept = `${request.verb === 'list' ? PARTIAL_LIST : PARTIAL},application/json`;
  if (request.body !== undefined) {
    headers['content-type'] = request.verb === 'patch' ? 'application/json-patch+json' : 'application/json';
  }
  return headers;
}

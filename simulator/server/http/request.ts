export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Texts for `Warning: 299` headers of the answer. */
  readonly warnings: string[];
}

export interface Reply {
  readonly status: number;
  /** JSON text, as a rule. */
  readonly body: string | Buffer;
  readonly contentType?: string;
}

const NAMESPACE_SUBRESOURCES = ['status', 'finalize'];

/** Reads `/api/v1/...` and `/apis/G/V/...`; undefined when the path names no resource. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  const root = segments[0];
  if (root !== 'api' && root !== 'apis') return undefined;
  const [group, version, rest] =
    root === 'api' ? ['', segments[1], segments.slice(2)] : [segments[1], segments[2], segments.slice(3)];
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  return { group, version, ...place(rest) };
}

function place(rest: string[]): Omit<ResourcePath, 'group' | 'version'> {
  const [first = '', second = '', third = ''] = rest;
  const isNamespaced = first === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.includes(third);
  if (isNamespaced) {
    return { plural: third, namespace: second, name: rest[3] ?? '', subresource: rest.slice(4).join('/') };
  }
  return { plural: first, namespace: '', name: second, subresource: rest.slice(2).join('/') };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The API's verb for a request on a resource. */
export function verbOf(method: string, path: ResourcePath, query: URLSearchParams): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name === '' ? 'deletecollection' : 'delete';
    default:
      // A single object is read, whatever the query says; it is watched by a field selector.
      if (path.name !== '') return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
  }
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

export function isDryRun(request: ApiRequest): boolean {
  return request.query.getAll('dryRun').includes('All');
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { listen, shut } from '../loopback.js';
import type { RegistryAuth } from './guard.js';
import { Guard, refuse } from './guard.js';
import { defaultTags, digestFor, manifest } from './tags.js';

export interface RegistryFaults {
  /** Connections are cut without an answer. */
  down?: boolean;
  /** Milliseconds before each answer. */
  slowMs?: number;
  /** Every request is answered 429 with `Retry-After: 1`. */
  tooMany?: boolean;
  /** Bodies of 200 are not JSON. */
  badJson?: boolean;
  /** Tags that are listed and have no manifest. */
  withoutManifest?: string[];
}

export interface RegistryOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Default `berth/lab`. */
  repository?: string;
  /** Tags, or digests by tag; default a realistic dozen. */
  tags?: string[] | Record<string, string>;
  /** Tags that are multi-architecture indexes. */
  indexes?: string[];
  auth?: RegistryAuth;
  faults?: RegistryFaults;
}

/** An image registry in miniature: Docker Registry v2 as far as somebody who lists and resolves tags needs it. */
export interface Registry {
  url: string;
  /** `127.0.0.1:port`, the first part of an image reference. */
  host: string;
  port: number;
  repository: string;
  /** Digest by tag; changes show at once. */
  tags: Map<string, string>;
  /** Switches faults; change its fields at any time. */
  faults: RegistryFaults;
  /** Method and path of each request so far. */
  requests: string[];
  /** Makes all bearer tokens worthless. */
  expireTokens(): void;
  /** The digest behind a reference to this registry, or undefined. */
  resolve(image: string): string | undefined;
  close(): Promise<void>;
}

/** Starts a registry on loopback. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { repository = 'berth/lab', faults = {} } = options;
  const tags = catalogue(repository, options.tags);
  const guard = new Guard(options.auth, repository);
  const requests: string[] = [];
  const shelf = new Shelf({ repository, tags, guard, faults, indexes: new Set(options.indexes) });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    void shelf.serve(request, response);
  });
  const port = await listen(server, options.port ?? 0);
  const host = `127.0.0.1:${port}`;
  return {
    url: `http://${host}`,
    host,
    port,
    repository,
    tags,
    faults,
    requests,
    expireTokens: () => guard.expire(),
    resolve: (image) => {
      const prefix = `${host}/${repository}:`;
      return image.startsWith(prefix) ? tags.get(image.slice(prefix.length)) : undefined;
    },
    close: () => shut(server),
  };
}

function catalogue(repository: string, tags: RegistryOptions['tags']): Map<string, string> {
  if (tags === undefined) return defaultTags(repository);
  if (!Array.isArray(tags)) return new Map(Object.entries(tags));
  return new Map(tags.map((tag) => [tag, digestFor(repository, tag)]));
}

interface ShelfParts {
  repository: string;
  tags: Map<string, string>;
  guard: Guard;
  faults: RegistryFaults;
  indexes: Set<string>;
}

class Shelf {
  constructor(private readonly parts: ShelfParts) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { faults } = this.parts;
    if (faults.slowMs !== undefined) await new Promise((resolve) => setTimeout(resolve, faults.slowMs));
    if (faults.down === true) request.socket.destroy();
    else this.answer(request, response);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { faults, guard } = this.parts;
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    if (faults.tooMany === true) {
      response.setHeader('retry-after', '1');
      refuse(response, 429, { code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit.' });
      return;
    }
    const url = new URL(request.url ?? '/', 'http://registry');
    if (url.pathname === '/token') guard.issue(request, response);
    else if (guard.admits(request, response)) this.route(request, url, response);
  }

  private route(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const { repository } = this.parts;
    if (url.pathname === '/v2/' || url.pathname === '/v2') json(response, '{}');
    else if (url.pathname === `/v2/${repository}/tags/list`) this.list(url, response);
    else if (url.pathname.startsWith(`/v2/${repository}/manifests/`)) this.manifest(request, url, response);
    else refuse(response, 404, { code: 'NAME_UNKNOWN', message: 'repository name not known to registry' });
  }

  private list(url: URL, response: ServerResponse): void {
    const { tags, repository, faults } = this.parts;
    const last = url.searchParams.get('last') ?? '';
    const all = [...tags.keys()].sort().filter((each) => each > last);
    const size = Number(url.searchParams.get('n') ?? all.length);
    const page = all.slice(0, size);
    if (page.length < all.length) {
      const query = new URLSearchParams({ last: page.at(-1) ?? '', n: String(size) });
      response.setHeader('link', `</v2/${repository}/tags/list?${query.toString()}>; rel="next"`);
    }
    json(response, faults.badJson === true ? '{"name":' : JSON.stringify({ name: repository, tags: page }));
  }

  private manifest(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const { tags, faults, indexes, repository } = this.parts;
    const reference = decodeURIComponent(url.pathname.slice(`/v2/${repository}/manifests/`.length));
    const byDigest = reference.startsWith('sha256:') && [...tags.values()].includes(reference);
    const digest = byDigest ? reference : tags.get(reference);
    if (digest === undefined || faults.withoutManifest?.includes(reference) === true) {
      refuse(response, 404, { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' });
      return;
    }
    const isIndex = [...tags].some(([tag, each]) => each === digest && indexes.has(tag));
    const { type, body } = manifest(isIndex ? 'index' : 'v2', digest);
    const length = Buffer.byteLength(body);
    response.writeHead(200, {
      'content-type': type,
      'content-length': length,
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    });
    response.end(request.method === 'HEAD' ? undefined : faults.badJson === true ? '?'.repeat(length) : body);
  }
}

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(body);
}

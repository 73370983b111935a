import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Clock } from '../common/clock.js';
import { ImageRegistry } from './image-registry.js';
import type { Listing } from './image-registry.js';
import { isPullableDigest, isTag } from './image-reference.js';
import type { Repository } from './image.js';
import { expectOk } from './registry.answer.js';
import { RegistryAuthorizer } from './registry.authorizer.js';
import type { CredentialStore } from './registry.credentials.js';
import { registryOrigin } from './registry.hosts.js';
import type { RegistryHostSettings } from './registry.hosts.js';
import type { RegistryNetwork } from './registry.network.js';
import { parseJson } from './registry.json.js';
import { RegistryTransport, invalid } from './registry.transport.js';
import type { RegistryAnswer, RegistryCall } from './registry.transport.js';

export interface RegistrySettings extends RegistryHostSettings {
  readonly network: RegistryNetwork;
  readonly source: Repository;
  readonly credentials: () => Promise<CredentialStore>;
}

interface TagPage {
  readonly answer: RegistryAnswer;
  readonly tags: readonly string[];
  readonly etag: string;
}

/**
 * Without the list types a registry would answer for one architecture of a tag for many, with its digest
 * (contract 11.1).
 */
const MANIFEST_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/json;q=0.5',
].join(', ');

const tagListSchema = z.object({ tags: z.array(z.string()).nullish() });

const PAGE_LIMIT_BYTES = 8 * 1024 * 1024;
/** What the distribution specification lets registries bound manifests to. */
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
const MAX_PAGES = 1_000;
const MAX_TAGS = 200_000;

/**
 * Reads one repository through the Docker Registry v2 API (OCI distribution 1.1), which Google's Artifact Registry
 * serves as well.
 *
 * Guarantees: no credential leaves for a host that was not allowed; none is logged or told in an error; every call
 * ends within a bounded time and reads a bounded body. Errors: `RegistryError` alone.
 */
export class RegistryClient extends ImageRegistry {
  private readonly transport: RegistryTransport;
  private readonly authorizer: RegistryAuthorizer;
  private readonly base: URL;
  private readonly pages = new Map<string, TagPage>();

  constructor(settings: RegistrySettings, clock: Clock) {
    super();
    const { registry, repository } = settings.source;
    this.transport = new RegistryTransport(settings.network, clock);
    const scope = `repository:${repository}:pull`;
    this.authorizer = new RegistryAuthorizer({ ...settings, registry, scope }, this.transport, clock);
    this.base = new URL(`${registryOrigin(registry, settings)}/v2/${repository}/`);
  }

  async list(signal?: AbortSignal): Promise<Listing> {
    return { names: await this.listTags(signal) };
  }

  /** All tags of the repository, in the registry's order, each once; those that no reference could name are left out. */
  async listTags(signal?: AbortSignal): Promise<readonly string[]> {
    const tags = new Set<string>();
    const visited = new Set<string>();
    let url: URL | undefined = new URL('tags/list', this.base);
    while (url) {
      visited.add(url.href);
      const page: TagPage = await this.readPage(url, signal);
      for (const tag of page.tags) tags.add(tag);
      if (tags.size > MAX_TAGS) throw invalid('The registry lists more tags than we can take', page.answer);
      url = this.nextPage(page.answer, visited);
    }
    for (const href of this.pages.keys()) if (!visited.has(href)) this.pages.delete(href);
    return [...tags];
  }

  /**
   * The digest that a tag points to now; of an index, for a tag of many architectures.
   *
   * @throws RegistryError with reason `tag_without_manifest` if the registry knows no such tag (any more)
   */
  async digestOf(tag: string, signal?: AbortSignal): Promise<string> {
    const url = new URL(`manifests/${encodeURIComponent(tag)}`, this.base);
    const call = { url, headers: { accept: MANIFEST_TYPES }, limitBytes: MANIFEST_LIMIT_BYTES, signal };
    const head = await this.send({ method: 'HEAD', ...call });
    // Some registries do not answer HEAD here, or without the digest; the manifest's own hash always is its digest.
    if (head.status !== 405) expectOk(head, 'tag_without_manifest');
    const digest = head.header('docker-content-digest');
    if (head.status === 200 && digest !== undefined && isPullableDigest(digest)) return digest;
    const answer = await this.send({ method: 'GET', ...call });
    expectOk(answer, 'tag_without_manifest');
    return `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
  }

  /** Only then: until everybody is served, a spawn may still be asking. */
  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }

  private async send(call: RegistryCall): Promise<RegistryAnswer> {
    const authorization = this.authorizer.current();
    const answer = await this.transport.send(authorize(call, authorization));
    if (answer.status !== 401) return answer;
    const renewed = await this.authorizer.renew(answer, authorization);
    return this.transport.send(authorize(call, renewed));
  }

  /** A registry that gives its pages an ETag need not send them again (RFC 9110, section 13.1.2). */
  private async readPage(url: URL, signal: AbortSignal | undefined): Promise<TagPage> {
    const known = this.pages.get(url.href);
    const headers = { accept: 'application/json', ...(known && { 'if-none-match': known.etag }) };
    const answer = await this.send({ method: 'GET', url, headers, limitBytes: PAGE_LIMIT_BYTES, signal });
    if (known && answer.status === 304) return known;
    expectOk(answer, 'repository_not_found');
    const tags = (parseJson(answer, tagListSchema).tags ?? []).filter((tag) => isTag(tag));
    const etag = answer.header('etag');
    const page = { answer, tags, etag: etag ?? '' };
    if (etag === undefined) this.pages.delete(url.href);
    else this.pages.set(url.href, page);
    return page;
  }

  /** The `Link` of a page (RFC 8288). It must stay on the registry, since our credentials go along. */
  private nextPage(answer: RegistryAnswer, visited: ReadonlySet<string>): URL | undefined {
    const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(answer.header('link') ?? '')?.[1];
    if (target === undefined) return undefined;
    const { url } = answer.call;
    const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
    if (next?.origin !== this.base.origin)
      throw invalid('The registry continues its list on another host', answer);
    if (visited.has(next.href)) throw invalid('The registry pages in a circle', answer);
    if (visited.size >= MAX_PAGES) throw invalid('The registry pages without end', answer);
    return next;
  }
}

function authorize(call: RegistryCall, authorization: string | undefined): RegistryCall {
  return authorization === undefined ? call : { ...call, headers: { ...call.headers, authorization } };
}

import { createHash } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../common/clock.js';
import { isDigest, isTag } from './image-reference.js';
import type { Repository } from './image.js';
import { RegistryAuthorizer } from './registry.authorizer.js';
import type { CredentialStore } from './registry.credentials.js';
import { RegistryError } from './registry.error.js';
import type { RegistryFailure } from './registry.error.js';
import { registryOrigin } from './registry.hosts.js';
import type { RegistryHostSettings } from './registry.hosts.js';
import { parseJson } from './registry.json.js';
import { RegistryTransport, invalid } from './registry.transport.js';
import type { RegistryAnswer, RegistryCall } from './registry.transport.js';

export interface RegistrySettings extends RegistryHostSettings {
  readonly source: Repository;
  readonly credentials: () => Promise<CredentialStore>;
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
export class RegistryClient implements OnApplicationShutdown {
  private readonly transport: RegistryTransport;
  private readonly authorizer: RegistryAuthorizer;
  private readonly base: URL;

  constructor(settings: RegistrySettings, clock: Clock) {
    const { registry, repository } = settings.source;
    this.transport = new RegistryTransport(clock);
    const scope = `repository:${repository}:pull`;
    this.authorizer = new RegistryAuthorizer({ ...settings, registry, scope }, this.transport, clock);
    this.base = new URL(`${registryOrigin(registry, settings)}/v2/${repository}/`);
  }

  /** All tags of the repository, in the registry's order, each once; those that no reference could name are left out. */
  async listTags(signal?: AbortSignal): Promise<readonly string[]> {
    const tags = new Set<string>();
    const visited = new Set<string>();
    let url: URL | undefined = new URL('tags/list', this.base);
    while (url) {
      visited.add(url.href);
      const call = { url, headers: { accept: 'application/json' }, limitBytes: PAGE_LIMIT_BYTES, signal };
      const answer = await this.send({ method: 'GET', ...call });
      expectOk(answer, 'repository_not_found');
      for (const tag of parseJson(answer, tagListSchema).tags ?? []) if (isTag(tag)) tags.add(tag);
      if (tags.size > MAX_TAGS) throw invalid('The registry lists more tags than we can take', answer);
      url = this.nextPage(answer, visited);
    }
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
    if (head.status === 200 && digest !== undefined && isDigest(digest)) return digest;
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

function expectOk(answer: RegistryAnswer, whenAbsent: RegistryFailure): void {
  const { call, status, retryAfterMs } = answer;
  if (status === 200) return;
  const [reason, message] = judge(status, whenAbsent);
  throw new RegistryError(message, { ...call, status, reason, retryAfterMs });
}

function judge(status: number, whenAbsent: RegistryFailure): [RegistryFailure, string] {
  if (status === 401 || status === 403) return ['registry_denied', 'The registry denies us the repository'];
  if (status === 404) return [whenAbsent, 'The registry does not have it'];
  if (status === 429) return ['registry_throttled', 'The registry asks to come later'];
  if (status >= 500) return ['registry_failing', 'The registry fails'];
  return ['registry_answer_invalid', 'The registry answers what we did not expect'];
}

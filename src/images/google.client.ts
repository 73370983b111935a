import { z } from 'zod';
import { Clock } from '../common/clock.js';
import { seconds } from '../common/units.js';
import type { ImageSource } from '../config/index.js';
import { GoogleTokens } from './google.tokens.js';
import type { GoogleTokenSettings } from './google.tokens.js';
import { isPullableDigest, isTag } from './image-reference.js';
import { ImageRegistry } from './image-registry.js';
import type { ListedImage, Listing } from './image-registry.js';
import { expectOk } from './registry.answer.js';
import { parseJson } from './registry.json.js';
import type { RegistryNetwork } from './registry.network.js';
import { RegistryTransport, invalid } from './registry.transport.js';
import type { RegistryAnswer } from './registry.transport.js';

export interface GoogleSettings extends GoogleTokenSettings {
  readonly source: Extract<ImageSource, { type: 'google' }>;
  readonly network: RegistryNetwork;
  readonly apiUrl: string;
}

/** `projects.locations.repositories.dockerImages.list`; numbers of 64 bits come as text. */
const imageSchema = z.object({
  uri: z.string(),
  tags: z.array(z.string()).optional(),
  imageSizeBytes: z.coerce.number().nonnegative().optional(),
});
const pageSchema = z.object({
  dockerImages: z.array(imageSchema).optional(),
  nextPageToken: z.string().optional(),
});
/** `projects.locations.repositories.packages.tags.get`. */
const tagSchema = z.object({ version: z.string() });

const PAGE_SIZE = 1000;
const MAX_PAGES = 200;
const PAGE_LIMIT_BYTES = 16 * 1024 * 1024;
/** Contract, section 10: so many attempts more after an internal error, after so long a pause. */
const RETRIES = 3;
const RETRY_PAUSE = seconds(10);

/**
 * Reads one image of a repository through Google Artifact Registry's REST API (v1), whose list tells all digests and
 * sizes at once.
 */
export class GoogleClient extends ImageRegistry {
  private readonly transport: RegistryTransport;
  private readonly tokens: GoogleTokens;
  private readonly parent: string;

  constructor(
    private readonly settings: GoogleSettings,
    private readonly clock: Clock,
  ) {
    super();
    this.transport = new RegistryTransport(settings.network, clock);
    this.tokens = new GoogleTokens(settings, this.transport, clock);
    const { projectId, location, repository } = settings.source;
    const [project, place, name] = [projectId, location, repository].map(encodeURIComponent);
    this.parent = `v1/projects/${project ?? ''}/locations/${place ?? ''}/repositories/${name ?? ''}`;
  }

  /** An empty list is fetched once more, as the API sometimes gives one without a reason (contract 11.2). */
  async list(signal?: AbortSignal): Promise<Listing> {
    const first = await this.listOnce(signal);
    return first.names.length > 0 ? first : this.listOnce(signal);
  }

  async digestOf(tag: string, signal?: AbortSignal): Promise<string> {
    const [image, name] = [this.settings.source.image, tag].map(encodeURIComponent);
    const answer = await this.ask(`${this.parent}/packages/${image ?? ''}/tags/${name ?? ''}`, {}, signal);
    expectOk(answer, 'tag_without_manifest');
    const digest = parseJson(answer, tagSchema).version.split('/').at(-1) ?? '';
    if (isPullableDigest(digest)) return digest;
    throw invalid('The registry names no digest for a tag', answer);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }

  private async listOnce(signal: AbortSignal | undefined): Promise<Listing> {
    const images = new Map<string, ListedImage>();
    const seen = new Set<string>();
    for (let next: string | undefined = ''; next !== undefined;) {
      seen.add(next);
      const query = { pageSize: String(PAGE_SIZE), ...(next !== '' && { pageToken: next }) };
      const answer = await this.ask(`${this.parent}/dockerImages`, query, signal);
      expectOk(answer, 'repository_not_found');
      const { dockerImages = [], nextPageToken } = parseJson(answer, pageSchema);
      for (const image of dockerImages.flatMap((one) => this.tagged(one))) images.set(image.tag, image);
      next = nextPageToken || undefined;
      if (next !== undefined && seen.has(next)) throw invalid('The registry pages in a circle', answer);
      if (seen.size > MAX_PAGES) throw invalid('The registry pages without end', answer);
    }
    return { names: [...images.keys()], images: [...images.values()] };
  }

  /** A repository may hold several images; the last part of the URI says which this is: `image@digest`. */
  private tagged({ uri, tags = [], imageSizeBytes }: z.output<typeof imageSchema>): readonly ListedImage[] {
    const [name, digest = ''] = (uri.split('/').at(-1) ?? '').split('@');
    const { image } = this.settings.source;
    // An image with slashes in its name is one package, and the API writes them as %2F.
    const isOurs = name === encodeURIComponent(image) || uri.endsWith(`/${image}@${digest}`);
    if (!isOurs || !isPullableDigest(digest)) return [];
    return tags.filter((tag) => isTag(tag)).map((tag) => ({ tag, digest, sizeBytes: imageSizeBytes }));
  }

  private async ask(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<RegistryAnswer> {
    for (let retries = 0; ; retries += 1) {
      const answer = await this.askOnce(path, query, signal);
      if (answer.status < 500 || retries >= RETRIES || signal?.aborted) return answer;
      await this.clock.sleep(RETRY_PAUSE, signal);
    }
  }

  private async askOnce(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<RegistryAnswer> {
    const url = new URL(`${this.settings.apiUrl.replace(/\/+$/, '')}/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const send = (token: string): Promise<RegistryAnswer> => {
      const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
      return this.transport.send({ method: 'GET', url, headers, limitBytes: PAGE_LIMIT_BYTES, signal });
    };
    const token = await this.tokens.current();
    const answer = await send(token);
    return answer.status === 401 ? send(await this.tokens.current(token)) : answer;
  }
}

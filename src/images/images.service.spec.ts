import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/clock.js';
import type { ClientError } from '../common/errors.js';
import { Log } from '../common/logger.js';
import type { LogFields } from '../common/logger.js';
import { instant, millis, seconds } from '../common/units.js';
import { FakeNodes } from '../../test/support/fake-nodes.js';
import { STRAIGHT } from '../../test/support/registry-network.js';
import type { AppSettings } from '../config/index.js';
import { ImageCatalogue } from './image-catalogue.js';
import { ImageMatrix } from './image-matrix.js';
import { ImageStock } from './image-stock.js';
import { NodesRepository } from './nodes.repository.js';
import type { ImageRequest } from './image.policy.js';
import { ImagesService } from './images.service.js';
import { RegistryClient } from './registry.client.js';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const location = ['body', 'options', 'image_tag'] as const;

class MemoryLog extends Log {
  readonly lines: [string, string, LogFields][] = [];
  debug = (message: string, fields: LogFields = {}): void => void this.lines.push(['debug', message, fields]);
  info = (message: string, fields: LogFields = {}): void => void this.lines.push(['info', message, fields]);
  warn = (message: string, fields: LogFields = {}): void => void this.lines.push(['warn', message, fields]);
  error = (message: string, fields: LogFields = {}): void => void this.lines.push(['error', message, fields]);
  child(): Log {
    return this;
  }
}

/** Time passes only when the spec says so; who is impatient waits for the first catalogue no time at all. */
class SpecClock extends SystemClock {
  impatient = false;
  private time = 0;
  override monotonic() {
    return millis(this.time);
  }
  override after(delay: number, callback: () => void): () => void {
    const isPatience = delay === 15_000 || delay === 2_000;
    return super.after(millis(this.impatient && isPatience ? 0 : delay), callback);
  }
  skip(ms: number): void {
    this.time += ms;
  }
}

/** What the registry holds: tag to digest, or to a status that its manifest answers. */
let tags: Record<string, string | number>;
let listStatus: number;
let gate: Promise<void> | undefined;
let seen: string[];
let server: Server;
let clock: SpecClock;
let log: MemoryLog;
let registry: RegistryClient;
let catalogue: ImageCatalogue;
let images: ImagesService;
let matrix: ImageMatrix;
let nodes: FakeNodes;
let source: { registry: string; repository: string };

beforeEach(async () => {
  tags = { recommended: digest('5'), w_2077_43: digest('5'), w_2077_44: digest('6'), w_2077_40: digest('7') };
  [listStatus, gate, seen] = [200, undefined, []];
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/v2/sciplat/lab/', '');
    seen.push(`${request.method ?? ''} ${path}`);
    const answer = (): void => {
      if (path === 'tags/list') {
        const headers = listStatus === 429 ? { 'retry-after': '60' } : {};
        response.writeHead(listStatus, headers).end(JSON.stringify({ tags: Object.keys(tags) }));
        return;
      }
      const manifest = tags[path.replace('manifests/', '')] ?? 404;
      if (typeof manifest === 'number') response.writeHead(manifest).end();
      else response.writeHead(200, { 'docker-content-digest': manifest }).end();
    };
    void (gate ?? Promise.resolve()).then(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  source = { registry: `127.0.0.1:${(server.address() as AddressInfo).port}`, repository: 'sciplat/lab' };
  clock = new SpecClock();
  log = new MemoryLog();
  registry = new RegistryClient(
    {
      source,
      network: STRAIGHT,
      insecureRegistries: [],
      realmAllowList: [],
      credentials: () => Promise.resolve(new Map()),
    },
    clock,
  );
  const numbers = { numReleases: 1, numWeeklies: 2, numDailies: 1 };
  const selection = { ...numbers, recommendedTag: 'recommended', pin: [], aliasTags: [] };
  const settings = { lab: { nodeSelector: {}, tolerations: [] } } as unknown as AppSettings;
  nodes = new FakeNodes();
  matrix = new ImageMatrix(new NodesRepository(nodes.informers, settings), settings, clock, log);
  catalogue = new ImageCatalogue({ source, selection, refreshInterval: seconds(300) }, registry, clock, log);
  images = new ImagesService(new ImageStock(catalogue, matrix), registry);
});

afterEach(async () => {
  await registry.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const recommended: ImageRequest = { kind: 'class', class: 'recommended' };
const tag = (name: string): ImageRequest => ({ kind: 'tag', tag: name });
const reference = (rest: string): ImageRequest => ({
  kind: 'reference',
  reference: `${source.registry}/${source.repository}${rest}`,
});

async function refusal(request: ImageRequest): Promise<ClientError> {
  return images.resolve(request, location).then(
    () => expect.fail('it was resolved'),
    (error: unknown) => error as ClientError,
  );
}

describe('ImagesService', () => {
  it('resolves a class as soon as the first catalogue is there', async () => {
    await expect(images.resolve(recommended)).resolves.toEqual({
      reference: `${source.registry}/sciplat/lab:recommended@${digest('5')}`,
      tag: 'recommended',
      digest: digest('5'),
      displayName: 'Recommended (Weekly 2077_43)',
    });
  });

  it('asks the registry only for the tags it keeps ready, and then answers from memory', async () => {
    await Promise.all([images.resolve(recommended), images.resolve(tag('w_2077_44'))]);
    await images.resolve({ kind: 'class', class: 'latest-weekly' });
    await images.resolve(reference(`@${digest('5')}`));

    expect(seen.sort()).toEqual([
      'GET tags/list',
      'HEAD manifests/recommended',
      'HEAD manifests/w_2077_43',
      'HEAD manifests/w_2077_44',
    ]);
  });

  it('asks once for another tag that many want at the same time, and again later', async () => {
    await catalogue.refresh();
    seen = [];

    await Promise.all(Array.from({ length: 20 }, () => images.resolve(tag('w_2077_40'))));
    tags['w_2077_40'] = digest('8');
    const later = await images.resolve(reference(':w_2077_40'));

    expect(seen).toEqual(['HEAD manifests/w_2077_40', 'HEAD manifests/w_2077_40']);
    expect(later.digest).toBe(digest('8'));
  });

  it.each<[string, () => ImageRequest, object]>([
    [
      'an unknown tag',
      () => tag('nope'),
      { code: 'unknown_image', status: 400, message: 'Docker tag "nope" not found' },
    ],
    [
      'an empty class',
      () => ({ kind: 'class', class: 'latest-daily' }),
      { code: 'unknown_image', status: 400 },
    ],
    ['a reference without tag', () => reference(''), { code: 'invalid_docker_reference', status: 422 }],
    [
      'no reference at all',
      () => ({ kind: 'reference', reference: 'x' }),
      { code: 'invalid_docker_reference', status: 422 },
    ],
  ])('refuses %s where the request said it', async (_case, request, error) => {
    expect(await refusal(request())).toMatchObject({ ...error, location });
  });

  it('refuses a listed tag that the registry no longer has', async () => {
    await catalogue.refresh();
    delete tags['w_2077_40'];

    expect(await refusal(tag('w_2077_40'))).toMatchObject({
      code: 'unknown_image',
      message: 'Docker tag "w_2077_40" not found',
    });
  });

  it('keeps serving what it knows while the registry is down, and says what it cannot know', async () => {
    await catalogue.refresh();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    clock.skip(60_000);
    await catalogue.refresh();

    await expect(images.resolve(recommended)).resolves.toMatchObject({ digest: digest('5') });
    expect(await refusal(tag('w_2077_40'))).toMatchObject({
      code: 'registry_unavailable',
      status: 503,
      message: `Image registry ${source.registry} is not available: it cannot be reached`,
    });
    expect(images.state()).toMatchObject({ ageMs: 60_000, tags: 4, failure: 'registry_unreachable' });
    expect(log.lines.at(-1)).toMatchObject([
      'warn',
      'image catalogue refresh incomplete',
      { reason: 'registry_unreachable', tags: 4, ageMs: 60_000 },
    ]);
  });

  const levels = (): readonly unknown[] => log.lines.map(([level]) => level);

  it.each([403, 404])(
    'tells operators at once, and once, of what only they can lift: status %d',
    async (status) => {
      listStatus = status;
      for (let i = 0; i < 3; i += 1) await catalogue.refresh();
      expect(levels()).toEqual(['error', 'warn', 'warn']);

      listStatus = 200;
      await catalogue.refresh();
      listStatus = status;
      await catalogue.refresh();

      expect(levels().slice(3)).toEqual(['info', 'error']);
    },
  );

  it('tells operators once of a registry that fails for three intervals', async () => {
    listStatus = 500;
    for (let interval = 0; interval < 5; interval += 1) {
      await catalogue.refresh();
      clock.skip(300_000);
    }

    expect(levels()).toEqual(['warn', 'warn', 'warn', 'error', 'warn']);
  });

  it('runs a pinned reference even if the registry was never there', async () => {
    listStatus = 500;

    const pinned = reference(`:w_2077_44@${digest('6')}`);

    await expect(images.resolve(pinned)).resolves.toMatchObject({
      digest: digest('6'),
      displayName: 'Weekly 2077_44',
    });
    expect(await refusal(recommended)).toMatchObject({
      code: 'registry_unavailable',
      context: { reason: 'registry_failing' },
    });
    expect(seen).toEqual(['GET tags/list']);
  });

  it('starts what nodes have while the registry has told nothing, and asks it about the rest', async () => {
    listStatus = 500;
    const name = `${source.registry}/sciplat/lab`;
    const listed = [{ names: [`${name}@${digest('6')}`, `${name}:w_2077_44`], sizeBytes: 1 }];
    nodes.put({ metadata: { name: 'a' }, status: { images: listed } } as object);
    const aliases = ['recommended'];
    const pulled = { reference: `${name}:w_2077_43@${digest('5')}`, digest: digest('5'), aliases };
    const before = { reference: `${name}:w_2077_42@${digest('4')}`, digest: digest('4'), aliases };
    matrix.report('b', [
      { ...before, provenAt: instant(1) },
      { ...pulled, provenAt: instant(2) },
      { reference: `${name}:w_2077_45@${digest('7')}`, digest: digest('7') },
    ]);
    matrix.report('c', [{ ...before, sightedAt: instant(1) }]);

    await expect(images.resolve(tag('w_2077_44'))).resolves.toMatchObject({ digest: digest('6') });
    await expect(images.resolve(recommended)).resolves.toMatchObject({
      digest: digest('5'),
      displayName: 'Recommended (Weekly 2077_43)',
    });
    await expect(images.resolve(tag('w_2077_42'))).resolves.toMatchObject({ digest: digest('4') });
    await expect(images.resolve(reference(`:w_2077_40@${digest('9')}`))).resolves.toMatchObject({
      digest: digest('9'),
    });
    expect(await refusal(tag('w_2077_45'))).toMatchObject({ code: 'registry_unavailable' });
    expect(await refusal(reference('')).catch(() => undefined)).toMatchObject({
      code: 'invalid_docker_reference',
    });
  });

  it('asks a registry that failed again once some seconds have passed', async () => {
    listStatus = 403;
    expect(await refusal(recommended)).toMatchObject({ context: { reason: 'registry_denied' } });

    listStatus = 200;
    expect(await refusal(recommended)).toMatchObject({ code: 'registry_unavailable' });
    clock.skip(5_000);

    await expect(images.resolve(recommended)).resolves.toMatchObject({ tag: 'recommended' });
    expect(log.lines.at(-1)).toMatchObject(['info', 'image catalogue complete again', { tags: 4 }]);
  });

  it('leaves a registry alone for as long as it asked for, whoever wants an image', async () => {
    listStatus = 429;
    expect(await refusal(recommended)).toMatchObject({ context: { reason: 'registry_throttled' } });

    listStatus = 200;
    clock.skip(59_000);
    expect(await refusal(recommended)).toMatchObject({ code: 'registry_unavailable' });
    expect(seen).toEqual(['GET tags/list']);
    clock.skip(1_000);

    await expect(images.resolve(recommended)).resolves.toMatchObject({ tag: 'recommended' });
  });

  it('waits less for a registry that failed before', async () => {
    listStatus = 500;
    await refusal(recommended);
    clock.skip(5_000);
    gate = new Promise(() => undefined);
    const waited: number[] = [];
    const pass = clock.after.bind(clock);
    clock.after = (delay, callback) => {
      waited.push(delay);
      return pass(delay, callback);
    };
    clock.impatient = true;

    expect(await refusal(recommended)).toMatchObject({ context: { reason: 'registry_failing' } });

    expect(waited).toContain(2_000);
    expect(waited).not.toContain(15_000);
  });

  it('waits for the first catalogue, but not for ever', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    clock.impatient = true;

    expect(await refusal(recommended)).toMatchObject({
      code: 'registry_unavailable',
      context: { reason: 'registry_timeout' },
    });

    open();
    await catalogue.refresh();
    await expect(images.resolve(recommended)).resolves.toMatchObject({ tag: 'recommended' });
  });
});

describe('ImageCatalogue', () => {
  it('asks the registry once for all who want a refresh at the same time', async () => {
    await Promise.all([catalogue.refresh(), catalogue.refresh(), catalogue.refresh()]);

    expect(seen.filter((line) => line === 'GET tags/list')).toHaveLength(1);
  });

  it('keeps the digest of a tag that fails, and takes the others anew', async () => {
    await catalogue.refresh();
    tags = { ...tags, recommended: 500, w_2077_44: digest('9') };
    await catalogue.refresh();

    await expect(images.resolve(recommended)).resolves.toMatchObject({ digest: digest('5') });
    await expect(images.resolve(tag('w_2077_44'))).resolves.toMatchObject({ digest: digest('9') });
    expect(images.state().failure).toBe('registry_failing');
  });

  it('asks at once for a tag that failed before its digest was known', async () => {
    tags['recommended'] = 500;
    await catalogue.refresh();
    tags['recommended'] = digest('5');

    await expect(images.resolve(recommended)).resolves.toMatchObject({ digest: digest('5') });
  });

  it('does without a tag that has no manifest', async () => {
    tags['w_2077_44'] = 404;
    await catalogue.refresh();

    await expect(images.resolve({ kind: 'class', class: 'latest-weekly' })).resolves.toMatchObject({
      tag: 'w_2077_43',
    });
    expect(images.state().failure).toBeUndefined();
    expect(log.lines).toContainEqual(['warn', 'image tag without manifest', { tag: 'w_2077_44' }]);
  });

  it('costs the list and the digests that may have moved, however many tags there are', async () => {
    for (let n = 0; n < 1000; n += 1) tags[`w_${String(1000 + n)}_01`] = digest('b');
    await catalogue.refresh();
    seen = [];

    await catalogue.refresh();

    expect(seen.sort()).toEqual([
      'GET tags/list',
      'HEAD manifests/recommended',
      'HEAD manifests/w_2077_43',
      'HEAD manifests/w_2077_44',
    ]);
    expect(images.state()).toMatchObject({ tags: 1004, failure: undefined });
  });

  it('forgets what the registry no longer lists', async () => {
    await catalogue.refresh();
    delete tags['recommended'];
    await catalogue.refresh();

    expect(await refusal(recommended)).toMatchObject({ message: 'No recommended image found' });
  });
});

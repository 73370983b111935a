import { createHash } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import { FakeNodes } from '../../test/support/fake-nodes.js';
import { expectGolden } from '../../test/support/golden.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { instant, millis, seconds } from '../common/units.js';
import type { AppSettings } from '../config/index.js';
import { ImageCatalogue } from './image-catalogue.js';
import { ImageMatrix } from './image-matrix.js';
import { ImageMenus } from './image-menus.service.js';
import { ImageRegistry } from './image-registry.js';
import type { Listing } from './image-registry.js';
import { ImageStock } from './image-stock.js';
import { wantedOf } from './image-wishes.js';
import { NodesRepository } from './nodes.repository.js';
import { RegistryError } from './registry.error.js';

/** What a science platform's repository looks like: tags by what they contain. */
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  week46: ['w_2026_46', 'latest_weekly', 'sha-9f31c2'],
  week45: ['w_2026_45', 'recommended'],
  week44: ['w_2026_44'],
  week44arm: ['w_2026_44-arm64'],
  day20: ['d_2026_11_20', 'latest_daily'],
  day19: ['d_2026_11_19'],
  day18: ['d_2026_11_18_rsp19'],
  release: ['r29_1_0', 'latest_release'],
  oldRelease: ['r28_0_1'],
  candidate: ['r29_2_0_rc1'],
  oldCandidate: ['r29_1_0_rc2'],
  pinned: ['w_2026_22_c0046.002'],
  ancient: ['w_2019_17'],
  experiment: ['exp_w_2026_45_nosudo'],
  ticket: ['exp_tickets-DM-50001'],
  branch: ['tickets-DM-55155'],
  strange: ['Some.Odd_Name'],
};
const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const DIGESTS = new Map(
  Object.entries(CONTENTS).flatMap(([content, tags]) => tags.map((tag) => [tag, digestOf(content)] as const)),
);
const NOW = instant(Date.parse('2026-11-21T12:00:00Z'));
const selection = {
  recommendedTag: 'recommended',
  numReleases: 1,
  numWeeklies: 2,
  numDailies: 2,
  cycle: undefined,
  pin: ['w_2026_22_c0046.002', 'w_2026_46'],
  aliasTags: ['latest_weekly', 'latest_daily', 'latest_release'],
};
const settings = {
  lab: { nodeSelector: { pool: 'labs' }, tolerations: [] },
  dropdownMenu: {
    release: { cutoffVersion: '29.0.0' },
    weekly: { age: millis(400 * 86_400_000) },
    daily: { number: 2 },
    releaseCandidate: { number: 1 },
  },
} as unknown as AppSettings;

class Shelf extends ImageRegistry {
  isDown = false;
  constructor(private readonly tellsAll: boolean) {
    super();
  }
  list(): Promise<Listing> {
    if (this.isDown) return Promise.reject(new RegistryError('down', ABOUT));
    const images = [...DIGESTS].map(([tag, digest]) => ({ tag, digest, sizeBytes: 4_000_000_000 }));
    return Promise.resolve({ names: [...DIGESTS.keys()], ...(this.tellsAll && { images }) });
  }
  digestOf(tag: string): Promise<string> {
    return Promise.resolve(DIGESTS.get(tag) ?? '');
  }
  async onApplicationShutdown(): Promise<void> {
    // Nothing is open.
  }
}
const ABOUT = { reason: 'registry_unreachable', method: 'GET', url: new URL('https://r/') } as const;

/** A node of the pool, with some of the contents on it. */
function aNode(name: string, contents: readonly string[], spec: object = {}): object {
  const images = contents.map((content) => ({
    names: [`any/repo@${digestOf(content)}`],
    sizeBytes: 9_000_000,
  }));
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date(NOW) }];
  return { metadata: { name, labels: { pool: 'labs' } }, spec, status: { conditions, images } };
}

describe.each([
  ['docker', { registry: 'registry.example.org', repository: 'science/lab' }],
  ['google', { registry: 'europe-docker.pkg.dev', repository: 'project/repo/lab' }],
] as const)('the images of a %s source', (kind, source) => {
  let shelf: Shelf;
  let clock: FakeClock;
  let catalogue: ImageCatalogue;
  let menus: ImageMenus;
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.app.close());

  beforeEach(async () => {
    clock = new FakeClock(NOW);
    shelf = new Shelf(kind === 'google');
    const nodes = new FakeNodes();
    nodes.synced = true;
    const log = new MemoryLog();
    const matrix = new ImageMatrix(new NodesRepository(nodes.informers, settings), settings, clock, log);
    matrix.onModuleInit();
    catalogue = new ImageCatalogue({ source, selection, refreshInterval: seconds(300) }, shelf, clock, log);
    catalogue.onRefreshed((known) => matrix.want(wantedOf(known)));
    menus = new ImageMenus(new ImageStock(catalogue, matrix), matrix, settings, clock);
    nodes.put(aNode('node-1', ['week46', 'day20', 'day19', 'release', 'pinned']));
    nodes.put(aNode('node-2', ['week46', 'day20', 'release']));
    const taints = [{ key: 'gpu', effect: 'NoSchedule' }];
    nodes.put(aNode('node-3', ['week45'], { taints }));
    await catalogue.refresh();
  });

  const getImages = async (query = ''): Promise<unknown> => {
    const overview = await menus.overview();
    api.images.overview = () => Promise.resolve(overview);
    const headers = { authorization: 'Bearer gt-admin-for-the-demo-only' };
    const answer = await request(`${api.url}/nublado/spawner/v1/images${query}`, { headers });
    expect(answer.statusCode).toBe(200);
    return answer.body.json();
  };

  it('are offered in the menus of the spawn form', async () => {
    expectGolden(`images/${kind}-menus`, await menus.menu());
  });

  it('are listed by GET images', async () => {
    expectGolden(`images/${kind}-images`, await getImages());
  });

  it('stay what they were while the registry is down, and say how old they are', async () => {
    const before = await getImages();
    shelf.isDown = true;
    await clock.advance(60_000);
    await catalogue.refresh();

    expect(await getImages('?format=native')).toEqual({
      ...(before as object),
      catalogue: { age_seconds: 60, tags: DIGESTS.size, failure: 'registry_unreachable' },
    });
  });
});

import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/clock.js';
import type { Clock } from '../common/clock.js';
import { FakeApi, sendJson, sendStatus, type Asked } from '../../test/support/fake-api.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import { connectTo } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { passUntil, until } from '../../test/support/until.js';
import { InformerStores } from './informer-stores.js';
import { InformerRegistry, Informers } from './informers.js';
import { CONFIG_MAPS, type KubeObject } from './resource.js';
import { SeenVersions } from './versions.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const aConfigMap = (name: string, version: number): KubeObject => {
  const metadata = { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: String(version) };
  return JSON.parse(JSON.stringify({ metadata })) as KubeObject;
};
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const added = (name: string, version: number): string => event('ADDED', aConfigMap(name, version));
const bookmark = (version: number, annotations?: object): string =>
  event('BOOKMARK', { metadata: { resourceVersion: String(version), annotations } });
const end = (version: number): string => bookmark(version, { 'k8s.io/initial-events-end': 'true' });

interface Scene {
  readonly api: FakeApi;
  readonly informers: Informers;
  readonly stores: InformerStores;
  /** `stream`, `list`, `watch 12` … */
  readonly asked: () => string[];
}

const told = ({ query }: Asked): string => {
  if (query.has('sendInitialEvents')) return 'stream';
  return query.has('watch') ? `watch ${query.get('resourceVersion') ?? ''}` : 'list';
};

/** Informers on a server that streams as scripted, lists `b` at version 20, and lets watches be silent. */
async function scene(
  stream: (response: ServerResponse, asked: Asked) => void,
  clock: Clock = new SystemClock(),
): Promise<Scene> {
  const api = await FakeApi.start((asked, response) => {
    if (told(asked) === 'stream') stream(response, asked);
    else if (told(asked) === 'list')
      sendJson(response, 200, { metadata: { resourceVersion: '20' }, items: [aConfigMap('b', 15)] });
    else open(response);
  });
  const transport = await connectTo(api.url, { clock });
  const stores = new InformerStores();
  const registry = new InformerRegistry(stores, new SeenVersions(clock));
  const informers = new Informers(transport, registry, clock, new MemoryLog());
  closers.push(
    () => api.stop(),
    () => transport.close(),
    () => informers.stop(),
  );
  return { api, informers, stores, asked: () => api.asked.map(told) };
}

function open(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  return response;
}

const names = (objects: readonly KubeObject[]): (string | undefined)[] =>
  objects.map(({ metadata }) => metadata?.name).sort();

describe('an informer whose first list is the beginning of its watch', () => {
  it('needs one request for both, and goes on from the end of the list', async () => {
    let streaming: ServerResponse | undefined;
    const { api, informers, asked } = await scene((response) => {
      open(response);
      streaming = response;
      response.write(added('a', 5) + added('z', 3));
    });
    const informer = informers.add({ kind: CONFIG_MAPS });

    informers.start();
    await until(() => informer.size === 2);
    expect(informer.synced).toBe(false);
    streaming?.write(event('DELETED', aConfigMap('z', 11)) + added('c', 12) + bookmark(11) + end(12));
    await informer.whenSynced();
    streaming?.write(event('MODIFIED', aConfigMap('a', 13)));
    await until(() => informer.get({ namespace: 'n', name: 'a' })?.metadata?.resourceVersion === '13');
    expect(asked()).toEqual(['stream']);
    streaming?.end();
    await until(() => asked().length === 2);

    expect(names(informer.list())).toEqual(['a', 'c']);
    expect(asked()).toEqual(['stream', 'watch 13']);
    const { query } = api.asked[0]!;
    expect([
      query.get('resourceVersionMatch'),
      query.get('allowWatchBookmarks'),
      query.get('resourceVersion'),
    ]).toEqual(['NotOlderThan', 'true', null]);
  });

  it('keeps what we wrote ourselves after the list was made', async () => {
    let streaming: ServerResponse | undefined;
    const { informers, stores } = await scene((response) => {
      open(response);
      streaming = response;
      response.write(added('a', 5));
    });
    const informer = informers.add({ kind: CONFIG_MAPS });
    informers.start();
    await until(() => informer.size === 1);

    stores.accept(CONFIG_MAPS, aConfigMap('ours', 30));
    stores.accept(CONFIG_MAPS, aConfigMap('old', 3));
    streaming?.write(end(12));
    await informer.whenSynced();

    expect(names(informer.list())).toEqual(['a', 'ours']);
  });

  it.each<[fault: string, break_: (response: ServerResponse) => void]>([
    ['a clean end', (response) => response.end()],
    ['a reset', (response) => response.socket?.resetAndDestroy()],
    ['the end in the middle of an object', (response) => response.end('{"type":"ADD')],
    ['a line that is not JSON', (response) => response.write('oops\n')],
    ['an end without a version', (response) => response.write(end(0).replace('"0"', '""'))],
    ['410', (response) => response.end(event('ERROR', { kind: 'Status', code: 410, message: 'too old' }))],
    [
      'a version that is not there yet',
      (response) =>
        response.end(event('ERROR', { kind: 'Status', code: 504, message: 'Too large resource version: 9' })),
    ],
    ['an internal error', (response) => response.write(event('ERROR', { kind: 'Status', code: 500 }))],
  ])('lists in pages after %s before the list was complete', async (_, break_) => {
    const { informers, asked } = await scene((response) => {
      open(response);
      response.write(added('a', 5), () => break_(response));
    });
    const informer = informers.add({ kind: CONFIG_MAPS });

    informers.start();
    await informer.whenSynced();
    await until(() => asked().length === 3);

    expect(names(informer.list())).toEqual(['b']);
    expect(asked()).toEqual(['stream', 'list', 'watch 20']);
  });

  it.each<[fault: string, stream: (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['sends headers and nothing else', open],
    [
      'sends objects, and bookmarks that end nothing',
      (response) => {
        open(response);
        response.write(added('a', 5) + bookmark(12));
      },
    ],
  ])('lists in pages after 30 s with a server that %s', async (_, stream) => {
    const clock = new FakeClock();
    const { informers, asked } = await scene(stream, clock);
    const informer = informers.add({ kind: CONFIG_MAPS });

    informers.start();
    await until(() => asked().length === 1);
    await clock.advance(29_000);
    expect(asked()).toEqual(['stream']);
    await clock.advance(1_000);
    await passUntil(clock, 50, () => informer.synced);

    expect(names(informer.list())).toEqual(['b']);
  });

  it.each([400, 404, 422])('lists at once where the server refuses it with %i', async (status) => {
    // Nothing ever comes of a clock that stands still.
    const { informers, asked } = await scene(
      (response) => sendStatus(response, status, 'Invalid'),
      new FakeClock(),
    );
    const informer = informers.add({ kind: CONFIG_MAPS });

    informers.start();
    await informer.whenSynced();
    await until(() => asked().length === 3);

    expect(asked()).toEqual(['stream', 'list', 'watch 20']);
  });

  it('waits as long as a server asks that has too much to do', async () => {
    const clock = new FakeClock();
    const busy = (response: ServerResponse): void => {
      response.setHeader('retry-after', '3');
      sendStatus(response, 429, 'TooManyRequests');
    };
    const { informers, asked } = await scene(busy, clock);
    const informer = informers.add({ kind: CONFIG_MAPS });

    informers.start();
    await until(() => clock.pending === 1 && asked().length === 1);
    await clock.advance(2_900);
    expect(asked()).toEqual(['stream']);
    await passUntil(clock, 50, () => informer.synced);

    expect(asked().slice(0, 2)).toEqual(['stream', 'list']);
  });

  it('serves rooms that want the same objects by one watch, each in its own words', async () => {
    const { informers, asked } = await scene((response, { query }) => {
      open(response);
      response.write((query.has('labelSelector') ? '' : added('a', 5)) + end(12));
    });
    const byName = informers.add({ kind: CONFIG_MAPS, project: ({ metadata }) => metadata?.name });
    const byUid = informers.add({ kind: CONFIG_MAPS, project: ({ metadata }) => metadata?.uid });
    const labelled = informers.add({ kind: CONFIG_MAPS, labelSelector: 'app=lab' });

    informers.start();
    await Promise.all([byName.whenSynced(), byUid.whenSynced(), labelled.whenSynced()]);

    expect([byName.list(), byUid.list(), labelled.list()]).toEqual([['a'], ['uid-a'], []]);
    expect(asked()).toEqual(['stream', 'stream']);
    const late = informers.add({ kind: CONFIG_MAPS });
    await late.whenSynced();
    expect(asked()).toHaveLength(3);
  });

  it('is back at once however often something ends a watch that is merely quiet', async () => {
    const clock = new FakeClock();
    const page = await scene((response) => open(response).write(end(10)), clock);
    page.informers.add({ kind: CONFIG_MAPS });
    page.informers.start();
    const watches = (): number => page.asked().filter((asked) => asked !== 'list').length;
    for (let nth = 1; nth <= 8; nth += 1) {
      await passUntil(clock, 50, () => watches() === nth);
      await clock.advance(50_000);
      page.api.cut();
    }

    const ended = clock.monotonic();
    await passUntil(clock, 50, () => watches() === 9);

    expect(clock.monotonic() - ended).toBeLessThan(2000);
  });
});

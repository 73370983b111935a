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
import type { Informer, InformerSpec } from './informer.js';
import { InformerRegistry, Informers } from './informers.js';
import { CONFIG_MAPS, type KubeObject, type ResourceKind } from './resource.js';
import type { Change } from './store.js';
import { SeenVersions } from './versions.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Plain = KubeObject & { readonly data?: Record<string, string> };
const MAPS: ResourceKind<Plain> = CONFIG_MAPS;

const aConfigMap = (name: string, version: number, extra: object = {}): Plain =>
  JSON.parse(
    JSON.stringify({
      metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: String(version), ...extra },
    }),
  ) as Plain;
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const listOf = (version: number, ...items: Plain[]): object => ({
  metadata: { resourceVersion: String(version) },
  items,
});

interface Scene {
  readonly api: FakeApi;
  readonly informer: Informer<Plain>;
  readonly informers: Informers;
  readonly stores: InformerStores;
  readonly changes: Change<Plain>[];
  readonly log: MemoryLog;
  /** `added a`, `deleted b` … */
  readonly story: () => string[];
  readonly lists: () => Asked[];
  readonly watches: () => Asked[];
}

interface Script {
  readonly list: (response: ServerResponse, nth: number, asked: Asked) => void;
  readonly watch?: (response: ServerResponse, nth: number, asked: Asked) => void;
  /** What is told to who asks how new a list would be; default far ahead of all that was seen. */
  readonly newest?: number;
  readonly clock?: Clock;
  readonly spec?: Partial<InformerSpec<Plain>>;
}

/** One that begins with a list: `informer.streamed.spec.ts` has a server that knows of it. */
const isStream = (asked: Asked): boolean => asked.query.has('sendInitialEvents');
const isWatch = (asked: Asked): boolean => asked.query.has('watch') && !isStream(asked);
/** Asks only how new a list would be. */
const isLook = (asked: Asked): boolean => asked.query.get('limit') === '1';

/** An informer on a server that answers the nth list and the nth watch (from 1) as scripted. */
async function scene(script: Script): Promise<Scene> {
  const isList = (asked: Asked): boolean => !asked.query.has('watch') && !isLook(asked);
  const api = await FakeApi.start((asked, response) => {
    if (isStream(asked)) {
      sendStatus(response, 422, 'Invalid');
      return;
    }
    if (isLook(asked)) {
      sendJson(response, 200, listOf(script.newest ?? 1_000_000));
      return;
    }
    if (isList(asked)) {
      script.list(response, api.asked.filter(isList).length, asked);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    script.watch?.(response, api.asked.filter(isWatch).length, asked);
  });
  const clock = script.clock ?? new SystemClock();
  const log = new MemoryLog();
  const transport = await connectTo(api.url, { clock });
  const stores = new InformerStores();
  const informers = new Informers(
    transport,
    new InformerRegistry(stores, new SeenVersions(clock)),
    clock,
    log,
  );
  const informer = informers.add<Plain>({ kind: MAPS, ...script.spec });
  const changes: Change<Plain>[] = [];
  informer.onChange((change) => changes.push(change));
  closers.push(
    () => api.stop(),
    () => transport.close(),
    () => informers.stop(),
  );
  return {
    api,
    informer,
    informers,
    stores,
    changes,
    log,
    story: () => changes.map(({ kind, value }) => `${kind} ${value.metadata?.name ?? ''}`),
    lists: () => api.asked.filter(isList),
    watches: () => api.asked.filter(isWatch),
  };
}

const oneList = (response: ServerResponse): void => sendJson(response, 200, listOf(10, aConfigMap('a', 5)));

describe('Informer', () => {
  it('lists in pages and then watches from the version of the list, asking for bookmarks', async () => {
    const { informer, informers, lists, watches } = await scene({
      list: (response, nth) => {
        const page = listOf(10, aConfigMap(nth === 1 ? 'a' : 'b', nth));
        const metadata = { resourceVersion: '10', ...(nth === 1 ? { continue: 'more' } : {}) };
        sendJson(response, 200, { ...page, metadata });
      },
    });

    informers.start();
    await informer.whenSynced();
    await until(() => watches().length === 1);

    expect(informer.list().map((object) => object.metadata?.name)).toEqual(['a', 'b']);
    expect(informers.allSynced()).toBe(true);
    expect(lists().map(({ query }) => [query.get('limit'), query.get('continue')])).toEqual([
      ['500', null],
      ['500', 'more'],
    ]);
    const query = watches()[0]!.query;
    expect([query.get('resourceVersion'), query.get('allowWatchBookmarks')]).toEqual(['10', 'true']);
    expect(Number(query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(240);
    expect(Number(query.get('timeoutSeconds'))).toBeLessThanOrEqual(300);
  });

  it('starts over when the pages of a list expire while it reads them', async () => {
    const { informer, informers, lists } = await scene({
      list: (response, nth) => {
        if (nth === 1)
          sendJson(response, 200, {
            metadata: { resourceVersion: '9', continue: 'x' },
            items: [aConfigMap('gone', 1)],
          });
        else if (nth === 2) sendStatus(response, 410, 'Expired');
        else oneList(response);
      },
    });

    informers.start();
    await informer.whenSynced();

    expect(informer.list().map((object) => object.metadata?.name)).toEqual(['a']);
    expect(lists()).toHaveLength(3);
  });

  it('tells additions, updates and deletions with what went before', async () => {
    const { informers, changes } = await scene({
      list: oneList,
      watch: (response, nth) => {
        if (nth > 1) return;
        response.write(event('ADDED', aConfigMap('b', 11)));
        response.write(event('MODIFIED', aConfigMap('a', 12)));
        response.write(event('DELETED', aConfigMap('b', 13)));
      },
    });

    informers.start();
    await until(() => changes.length === 4);

    expect(
      changes.map(({ kind, key, previous }) => [kind, key, previous?.metadata?.resourceVersion]),
    ).toEqual([
      ['added', 'n/a', undefined],
      ['added', 'n/b', undefined],
      ['updated', 'n/a', '5'],
      ['deleted', 'n/b', undefined],
    ]);
  });

  it.each<[fault: string, end: (response: ServerResponse) => void]>([
    ['a reset', (response) => response.socket?.resetAndDestroy()],
    ['the end in the middle of an event', (response) => response.end('{"type":"ADD')],
    ['a clean end', (response) => response.end()],
    ['a line that is not JSON', (response) => response.write('oops\n')],
    [
      'an ERROR event that is not 410',
      (response) => response.write(event('ERROR', { kind: 'Status', code: 500, message: 'x' })),
    ],
  ])('goes on from the last version seen after %s', async (_, end) => {
    const { informers, story, watches, lists } = await scene({
      list: oneList,
      watch: (response, nth) => {
        if (nth === 1)
          response.write(event('ADDED', aConfigMap('b', 11)), () => setTimeout(() => end(response), 5));
        else if (nth === 2) response.write(event('ADDED', aConfigMap('c', 12)));
      },
    });

    informers.start();
    await until(() => story().length === 3);

    expect(story()).toEqual(['added a', 'added b', 'added c']);
    expect(watches().map(({ query }) => query.get('resourceVersion'))).toEqual(['10', '11']);
    expect(lists()).toHaveLength(1);
  });

  it('remembers the version of a bookmark', async () => {
    const { informers, watches } = await scene({
      list: oneList,
      watch: (response, nth) => {
        if (nth === 1) response.end(event('BOOKMARK', { metadata: { resourceVersion: '99' } }));
      },
    });

    informers.start();
    await until(() => watches().length === 2);

    expect(watches()[1]!.query.get('resourceVersion')).toBe('99');
  });

  it.each<[how: string, expire: (response: ServerResponse) => void]>([
    [
      'by an event',
      (response) =>
        response.end(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })),
    ],
    ['by status', (response) => response.destroy()],
  ])('lists again after 410 %s, and tells what vanished meanwhile', async (how, expire) => {
    const { api, informers, story, lists } = await scene({
      list: (response, nth) =>
        sendJson(response, 200, nth === 1 ? listOf(10, aConfigMap('a', 5)) : listOf(20, aConfigMap('b', 15))),
      watch: (response, nth) => {
        if (nth === 1) expire(response);
      },
    });
    if (how === 'by status') {
      const inner = api.script;
      api.script = (asked, response) => {
        if (asked.query.get('resourceVersion') === '10') sendStatus(response, 410, 'Expired');
        else return inner(asked, response);
        return undefined;
      };
    }

    informers.start();
    await until(() => story().length === 3);

    expect(story().sort()).toEqual(['added a', 'added b', 'deleted a']);
    expect(lists()).toHaveLength(2);
  });

  /**
   * @promise nothing is lost
   * @fault a list or a watch is refused, fails, or is told to slow down
   * @outcome it is opened again, ever later, until it succeeds
   */
  it('comes back after refused connections, errors of list and watch, and 429', async () => {
    const { api, informer, informers, watches } = await scene({
      list: (response, nth) => {
        if (nth === 1) sendStatus(response, 400, 'BadRequest');
        else oneList(response);
      },
      watch: () => undefined,
    });
    const inner = api.script;
    let refusals = 0;
    api.script = (asked, response) => {
      if (!isWatch(asked) || refusals >= 2) return inner(asked, response);
      refusals += 1;
      sendStatus(response, refusals === 1 ? 500 : 429, 'Trouble');
      return undefined;
    };

    informers.start();
    await until(() => watches().length === 3);

    expect(informer.size).toBe(1);
  });

  /**
   * @promise nothing is lost
   * @fault a watch falls silent, or its headers never come
   * @outcome it is given up after 90 s, and goes on from the last version that it had heard
   */
  it('gives up a watch that is silent for 90 s, and one whose headers never come', async () => {
    const clock = new FakeClock();
    const { api, informer, informers, story, watches } = await scene({
      clock,
      list: oneList,
      watch: (response, nth) => {
        if (nth === 3) response.write(event('ADDED', aConfigMap('b', 11)));
      },
    });
    const inner = api.script;
    api.script = (asked, response) =>
      isWatch(asked) && watches().length === 2 ? undefined : inner(asked, response);

    informers.start();
    await until(() => watches().length === 1);
    await clock.advance(89_000);
    expect(informer.lastEventAge()).toBe(89_000);
    expect(watches()).toHaveLength(1);
    await clock.advance(1000);
    await passUntil(clock, 50, () => watches().length === 2);
    await passUntil(clock, 2000, () => watches().length === 3);
    await until(() => story().length === 2);

    expect(story()).toEqual(['added a', 'added b']);
  });

  it('gives up a list that never answers', async () => {
    const clock = new FakeClock();
    const { informer, informers, lists } = await scene({
      clock,
      list: (response, nth) => {
        if (nth === 2) oneList(response);
      },
    });

    informers.start();
    await until(() => lists().length === 1);
    await clock.advance(30_000);
    await passUntil(clock, 50, () => informer.synced);

    expect(informer.size).toBe(1);
  });

  it('is not troubled by a listener that throws, and counts it', async () => {
    const { informer, informers, story, log } = await scene({
      list: oneList,
      watch: (response) => response.write(event('ADDED', aConfigMap('b', 11))),
    });
    informer.onChange(() => {
      throw new Error('mine');
    });

    informers.start();
    await until(() => story().length === 2);

    expect(informer.failures).toBe(2);
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(2);
  });

  it.each([
    ['while a list is under way', (asked: Asked) => !asked.query.has('watch')],
    ['while a watch is connecting', isWatch],
    ['while a watch is connecting that begins with a list', isStream],
  ])('leaves nothing behind when stopped %s', async (_, hangs) => {
    const clock = new FakeClock();
    const { api, informers, story } = await scene({ clock, list: oneList });
    const inner = api.script;
    let hanging: ServerResponse | undefined;
    api.script = (asked, response) => {
      if (!hangs(asked)) return inner(asked, response);
      hanging = response;
      return undefined;
    };

    informers.start();
    await until(() => hanging !== undefined);
    const told = story().length;
    await informers.stop();
    hanging?.end(JSON.stringify(listOf(10, aConfigMap('late', 9))) + '\n');
    await until(() => hanging?.destroyed === true || hanging?.closed === true);

    expect(story()).toHaveLength(told);
    expect(clock.pending).toBe(0);
  });

  it('survives U+2028 and characters cut in two by a chunk', async () => {
    const text = 'zwei\u2028Zeilen, 3 € und 🚢';
    const { informer, informers, changes } = await scene({
      list: oneList,
      watch: (response) => {
        const bytes = Buffer.from(event('ADDED', { ...aConfigMap('b', 11), data: { text } }));
        let at = 0;
        const next = (): void => {
          if (at < bytes.length) response.write(bytes.subarray(at, (at += 1)), () => setImmediate(next));
        };
        next();
      },
    });

    informers.start();
    await until(() => changes.length === 2);

    expect(informer.get({ namespace: 'n', name: 'b' })?.data?.text).toBe(text);
  });

  it('strips managedFields, keeps fields it does not know, and finds by index', async () => {
    const { informer, informers } = await scene({
      list: (response) =>
        sendJson(
          response,
          200,
          listOf(10, { ...aConfigMap('a', 5, { managedFields: [{}] }), future: 1 } as Plain),
        ),
      spec: { indexes: { namespace: (object) => [object.metadata?.namespace ?? ''] } },
    });

    informers.start();
    await informer.whenSynced();

    expect(informer.by('namespace', 'n')).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', ...aConfigMap('a', 5), future: 1 },
    ]);
    expect(informer.by('namespace', 'other')).toEqual([]);
  });

  it('asks for metadata alone where that is enough', async () => {
    const { informers, lists, watches } = await scene({ list: oneList, spec: { metadataOnly: true } });

    informers.start();
    await until(() => watches().length === 1);

    expect(lists()[0]!.headers.accept).toContain('as=PartialObjectMetadataList');
    expect(watches()[0]!.headers.accept).toContain('as=PartialObjectMetadata;');
  });

  it('takes in only what its selectors and its namespace admit of our own writes', async () => {
    const { informer, informers, stores } = await scene({
      list: oneList,
      spec: { namespace: 'n', labelSelector: 'app=lab,!old', fieldSelector: 'metadata.name!=x' },
    });
    informers.start();
    await informer.whenSynced();

    stores.accept(MAPS, aConfigMap('yes', 11, { labels: { app: 'lab' } }));
    stores.accept(MAPS, aConfigMap('no', 11, { labels: { app: 'lab', old: '' } }));
    stores.accept(MAPS, aConfigMap('x', 11, { labels: { app: 'lab' } }));
    stores.accept(MAPS, aConfigMap('far', 11, { namespace: 'm', labels: { app: 'lab' } }));
    stores.accept(MAPS, aConfigMap('a', 11));

    expect(informer.list().map((object) => object.metadata?.name)).toEqual(['yes']);
  });

  it('starts afresh when the versions of the cluster went backwards', async () => {
    const { informer, informers, story } = await scene({
      list: (response, nth) =>
        sendJson(
          response,
          200,
          nth === 1 ? listOf(1000, aConfigMap('a', 900)) : listOf(50, aConfigMap('a', 40)),
        ),
      watch: (response, nth) => {
        if (nth === 1) response.end(event('ERROR', { kind: 'Status', code: 410, message: 'gone' }));
      },
    });

    informers.start();
    await until(() => story().length === 2);

    expect(informer.get({ namespace: 'n', name: 'a' })?.metadata?.resourceVersion).toBe('40');
  });

  /**
   * @promise nothing is lost
   * @fault etcd was restored and its revisions went back: the server opens watches of versions to come, and is silent on them
   * @outcome one look at what is newest finds it out when the connection broke; everything is listed again
   */
  it('starts afresh when the connection broke and the server knows less than it did', async () => {
    const { informer, informers, story, watches } = await scene({
      list: (response, nth) =>
        sendJson(response, 200, nth === 1 ? listOf(1000, aConfigMap('a', 900)) : listOf(50)),
      newest: 50,
      watch: (response, nth) => {
        // A server of that version would say nothing about versions to come.
        if (nth === 1) response.socket?.resetAndDestroy();
      },
    });

    informers.start();
    await until(() => watches().length === 2);

    expect(story()).toEqual(['added a', 'deleted a']);
    expect(informer.size).toBe(0);
    expect(watches().map(({ query }) => query.get('resourceVersion'))).toEqual(['1000', '50']);
  });
});

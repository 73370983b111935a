import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ApiServer, ApiServerOptions } from './index.js';
import { startApiServer } from './index.js';
import type { WatchLine } from './test-client.js';
import { TestClient } from './test-client.js';

let server: ApiServer;
let client: TestClient;
let ns: string;

async function start(options: ApiServerOptions = {}): Promise<void> {
  server = await startApiServer(options);
  client = new TestClient(server.url);
  ns = await client.namespace('watched');
}

beforeEach(() => start());
afterEach(() => server.close());

const create = (name: string, labels: Record<string, string> = {}) =>
  client.post(`${ns}/configmaps`, { metadata: { name, labels } });

const told = (lines: readonly WatchLine[]): string[] =>
  lines.map(({ type, object }) => `${type} ${object.metadata.name}`);

describe('listing', () => {
  it('goes on in chunks at the version of the first one', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await create(name);

    const first = await client.get(`${ns}/configmaps?limit=2`);
    await create('bb');
    await client.delete(`${ns}/configmaps/d`);
    const token = encodeURIComponent(String(first.body.metadata['continue']));
    const second = await client.get(`${ns}/configmaps?limit=2&continue=${token}`);

    expect(first.body.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(first.body.metadata['remainingItemCount']).toBe(2);
    expect(second.body.items.map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect(second.body.metadata['resourceVersion']).toBe(first.body.metadata['resourceVersion']);
    expect(second.body.metadata['continue']).toBeUndefined();
  });

  it('answers 410 to a token whose state is forgotten', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await client.get(`${ns}/configmaps?limit=1`);
    await create('d');
    server.store.compact();

    const token = encodeURIComponent(String(first.body.metadata['continue']));
    const second = await client.get(`${ns}/configmaps?limit=1&continue=${token}`);

    expect(second.body).toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('looks back exactly, and refuses the future with 504', async () => {
    const { body } = await create('a');
    await client.delete(`${ns}/configmaps/a`);

    const version = String(body.metadata['resourceVersion']);
    const past = await client.get(`${ns}/configmaps?resourceVersion=${version}&resourceVersionMatch=Exact`);
    const future = await client.get(`${ns}/configmaps?resourceVersion=99999999`);

    expect(past.body.items.map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(past.body.metadata['resourceVersion']).toBe(version);
    expect(future.body).toMatchObject({ code: 504, reason: 'Timeout', details: { retryAfterSeconds: 1 } });
    expect(future.headers.get('retry-after')).toBe('1');
  });

  it('leaves kind and version out of the items of built-in lists', async () => {
    await create('a');

    const { body } = await client.get(`${ns}/configmaps`);

    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(Object.keys(body.items[0] ?? {})).toEqual(['metadata']);
  });

  it('selects by fields it knows and refuses others in the words of each resource', async () => {
    await create('a');
    await create('b');

    const one = await client.get(`${ns}/configmaps?fieldSelector=metadata.name%3Db`);
    const plain = await client.get(`${ns}/configmaps?fieldSelector=spec.foo%3D1`);
    const pods = await client.get(`${ns}/pods?fieldSelector=spec.foo%3D1`);

    expect(one.body.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(plain.body).toMatchObject({
      code: 400,
      message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
    expect(pods.body).toMatchObject({ code: 400, message: 'field label not supported: spec.foo' });
  });
});

describe('watching', () => {
  it('tells all that happened after a version, each with its own version', async () => {
    const { body } = await client.get(`${ns}/configmaps`);
    await create('a');
    await client.patch('merge', `${ns}/configmaps/a`, { data: { x: '1' } });
    await client.delete(`${ns}/configmaps/a`);

    const watch = await client.watch(
      `${ns}/configmaps?watch=1&resourceVersion=${String(body.metadata['resourceVersion'])}`,
    );
    const lines = await watch.take(3);
    await create('b');

    expect(told(lines)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    const versions = lines.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(3);
    expect(told(await watch.take(1))).toEqual(['ADDED b']);
    watch.close();
  });

  it('begins with the present at version 0, and marks its end', async () => {
    await create('a');

    const watch = await client.watch(`${ns}/configmaps?watch=1&resourceVersion=0&allowWatchBookmarks=true`);
    const [added, mark] = await watch.take(2);

    expect(added).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap' } });
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    watch.close();
  });

  it('shows objects that enter and leave a selector as added and deleted', async () => {
    const watch = await client.watch(`${ns}/configmaps?watch=1&labelSelector=on%3Dyes`);
    await create('a', { on: 'no' });
    await client.patch('merge', `${ns}/configmaps/a`, { metadata: { labels: { on: 'yes' } } });
    await client.patch('merge', `${ns}/configmaps/a`, { data: { x: '1' } });
    await client.patch('merge', `${ns}/configmaps/a`, { metadata: { labels: { on: 'no' } } });
    await create('end', { on: 'yes' });

    expect(told(await watch.take(4))).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED end']);
    watch.close();
  });

  it('answers a version before its history with 200 and an ERROR event of 410', async () => {
    await create('a');
    server.store.compact();

    const watch = await client.watch(`${ns}/configmaps?watch=1&resourceVersion=2`);

    expect(watch.response.status).toBe(200);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watch.next()).toBeUndefined();
  });

  it('forgets what its history has no room for', async () => {
    await server.close();
    await start({ historySize: 3 });
    const { body } = await create('a');
    for (const name of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) await create(name);

    const late = await client.watch(
      `${ns}/configmaps?watch=1&resourceVersion=${String(body.metadata['resourceVersion'])}`,
    );

    expect(await late.next()).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });

  it('sends bookmarks with the newest version, and one at its timeout', async () => {
    await server.close();
    await start({ bookmarkIntervalMs: 20 });
    const { body } = await create('a');
    const version = String(body.metadata['resourceVersion']);

    const watch = await client.watch(
      `${ns}/configmaps?watch=1&resourceVersion=${version}&allowWatchBookmarks=true&timeoutSeconds=1`,
    );
    const lines: WatchLine[] = [];
    for (let line = await watch.next(); line; line = await watch.next()) lines.push(line);

    expect(lines.length).toBeGreaterThan(1);
    expect(lines.every(({ type }) => type === 'BOOKMARK')).toBe(true);
    expect(lines.at(-1)?.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: version },
    });
  });

  it('waits in silence for a version that is not reached yet', async () => {
    const next = server.store.currentRevision() + 2;
    const watch = await client.watch(`${ns}/configmaps?watch=1&resourceVersion=${next}`);
    for (const name of ['a', 'b', 'c']) await create(name);

    expect(told(await watch.take(1))).toEqual(['ADDED c']);
    watch.close();
  });

  it('hears only its namespace', async () => {
    const other = await client.namespace('elsewhere');
    const here = await client.watch(`${ns}/configmaps?watch=1`);
    const everywhere = await client.watch('/api/v1/configmaps?watch=1');
    await client.post(`${other}/configmaps`, { metadata: { name: 'far' } });
    await create('near');

    expect(told(await here.take(1))).toEqual(['ADDED near']);
    expect(told(await everywhere.take(2))).toEqual(['ADDED far', 'ADDED near']);
    here.close();
    everywhere.close();
  });

  it('tells metadata alone to those who want no more', async () => {
    const watch = await client.watch(
      `${ns}/configmaps?watch=1`,
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    );
    await client.post(`${ns}/configmaps`, { metadata: { name: 'a' }, data: { secret: 'x' } });

    const line = await watch.next();

    expect(line?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(line?.object['data']).toBeUndefined();
    watch.close();
  });

  it('ends when the server closes', async () => {
    const watch = await client.watch(`${ns}/configmaps?watch=1`);

    await server.close();

    expect(await watch.next()).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ApiServer } from '../server/index.js';
import { startApiServer } from '../server/index.js';
import { TestClient } from '../server/test-client.js';
import type { FaultProxy } from './index.js';
import { Lag, startFaultProxy } from './index.js';

const NS = '/api/v1/namespaces/default/configmaps';

const PATIENCE = { timeout: 30_000, interval: 2 };

let server: ApiServer;
let proxy: FaultProxy;
let direct: TestClient;
let client: TestClient;

beforeEach(async () => {
  server = await startApiServer();
  proxy = await startFaultProxy({ target: server.url });
  direct = new TestClient(server.url);
  client = new TestClient(proxy.url);
});
afterEach(async () => {
  await proxy.close();
  await server.close();
});

const create = (via: TestClient, name: string) => via.post(NS, { metadata: { name } });
const names = () => server.store.dump('configmaps').map(({ metadata }) => metadata.name);

describe('requests', () => {
  it('pass unharmed and are counted', async () => {
    const { status } = await create(client, 'a');

    expect(status).toBe(201);
    expect(proxy.requests).toMatchObject([
      { number: 1, verb: 'create', resource: 'configmaps', namespace: 'default', status: 201 },
    ]);
    expect(proxy.running).toBe(0);
  });

  it('are answered with the wished Status, only the n-th of them', async () => {
    proxy.add({
      match: { verb: 'create', resource: 'configmaps', nth: 2 },
      action: { do: 'answer', status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterS: 7 },
    });

    const answers = [await create(client, 'a'), await create(client, 'b'), await create(client, 'c')];

    expect(answers.map(({ status }) => status)).toEqual([201, 429, 201]);
    expect(answers[1]?.headers.get('retry-after')).toBe('7');
    expect(answers[1]?.body).toMatchObject({ kind: 'Status', reason: 'TooManyRequests', code: 429 });
    expect(names()).toEqual(['a', 'c']);
  });

  it('break before the write is applied', async () => {
    proxy.add({ match: { verb: 'create' }, action: { do: 'reset', at: 'before' } });

    await expect(create(client, 'a')).rejects.toThrow('fetch failed');

    expect(names()).toEqual([]);
  });

  it('break after the write was applied', async () => {
    proxy.add({ match: { verb: 'create', times: 1 }, action: { do: 'reset', at: 'after' } });

    await expect(create(client, 'a')).rejects.toThrow('fetch failed');

    expect(names()).toEqual(['a']);
    expect((await create(client, 'a')).status).toBe(409);
  });

  it('hang until the client gives up', async () => {
    proxy.add({ match: { verb: 'list' }, action: { do: 'hang' } });
    const abort = new AbortController();
    const hanging = fetch(proxy.url + NS, { signal: abort.signal });
    while (proxy.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

    abort.abort();

    await expect(hanging).rejects.toThrow('aborted');
  });

  it('are read stale', async () => {
    await create(client, 'a');
    await client.get(NS);
    await create(client, 'b');
    proxy.add({ match: { verb: 'list', times: 1 }, action: { do: 'stale' } });

    const stale = await client.get(NS);
    const fresh = await client.get(NS);

    expect(stale.body.items.map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(fresh.body.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('stop at a gate before the server hears of them', async () => {
    const gate = proxy.gate({ verb: 'create' }, 'before');
    const answer = create(client, 'a');
    const held = await gate.reached;

    expect(held).toMatchObject({ verb: 'create', body: '{"metadata":{"name":"a"}}' });
    expect(names()).toEqual([]);
    expect(proxy.running).toBe(1);

    gate.release();

    expect((await answer).status).toBe(201);
  });

  it('stop at a gate after the write, which a dead client never learns of', async () => {
    const gate = proxy.gate({ verb: 'create' }, 'after');
    const abort = new AbortController();
    const body = JSON.stringify({ metadata: { name: 'a' } });
    const lost = fetch(proxy.url + NS, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      signal: abort.signal,
    });
    await gate.reached;

    abort.abort();

    await expect(lost).rejects.toThrow('aborted');
    expect(names()).toEqual(['a']);
  });

  it('arrive late, long after their client gave up', async () => {
    const gate = proxy.late({ verb: 'create' });
    const abort = new AbortController();
    const lost = fetch(proxy.url + NS, {
      method: 'POST',
      body: JSON.stringify({ metadata: { name: 'a' } }),
      headers: { 'content-type': 'application/json' },
      signal: abort.signal,
    });
    const held = await gate.reached;
    abort.abort();
    await expect(lost).rejects.toThrow('aborted');
    expect(names()).toEqual([]);

    gate.release();

    await vi.waitUntil(() => held.status !== undefined, PATIENCE);
    expect(held.status).toBe(201);
    expect(names()).toEqual(['a']);
  });

  it('are noticed at a gate when the client has its answer', async () => {
    const gate = proxy.gate({ verb: 'create' }, 'answered');

    const { status } = await create(client, 'a');

    expect(status).toBe(201);
    expect(await gate.reached).toMatchObject({ verb: 'create', status: 201 });
  });

  it('meet a broken connection when the server is away', async () => {
    await server.close();

    await expect(client.get(NS)).rejects.toThrow('fetch failed');
  });
});

describe('watches', () => {
  const open = () => client.watch(`${NS}?watch=1&resourceVersion=${server.store.currentRevision()}`);
  const told = (line: { type: string; object: { metadata: { name: string } } } | undefined) =>
    line?.object.metadata.name;

  async function read(count: number): Promise<(string | undefined)[]> {
    const watch = await open();
    for (const name of ['a', 'b', 'c', 'd']) await create(direct, name);
    const lines = await watch.take(count);
    watch.close();
    return lines.map(told);
  }

  it('lose an event', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'drop', events: [2] } });

    expect(await read(3)).toEqual(['a', 'c', 'd']);
  });

  it('tell an event twice', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'duplicate', events: [1] } });

    expect(await read(4)).toEqual(['a', 'a', 'b', 'c']);
  });

  it('tell an event after the next one', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'reorder', events: [1] } });

    expect(await read(3)).toEqual(['b', 'a', 'c']);
  });

  it('expire with an ERROR event', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'expire', after: 1 } });
    const watch = await open();
    await create(direct, 'a');

    expect(told(await watch.next())).toBe('a');
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watch.next()).toBeUndefined();
  });

  it.each(['reset', 'end'] as const)('break in the middle of a line (%s)', async (how) => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'cut', after: 1, how, torn: true } });
    const watch = await open();
    await create(direct, 'a');

    expect(told(await watch.next())).toBe('a');
    await expect(watch.next()).rejects.toThrow('terminated');
  });

  it('end as the server itself would end them', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'finish', after: 1 } });
    const watch = await open();
    await create(direct, 'a');

    expect(told(await watch.next())).toBe('a');
    expect(await watch.next()).toBeUndefined();
  });

  it('say something else, a few bytes at a time', async () => {
    const other = Buffer.from('{"type":"ADDED","object":{"metadata":{"name":"z"}}}\n');
    const line = (said: Buffer | undefined) => (said ? [said, other] : [other]);
    proxy.add({ match: { verb: 'watch' }, action: { do: 'rewrite', line } });
    proxy.add({ match: { verb: 'watch' }, action: { do: 'drip', bytes: 16, ms: 1 } });

    expect(await read(3)).toEqual(['z', 'a', 'z']);
  });

  it('fall silent without ending', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'freeze', after: 1 } });
    const watch = await open();
    await create(direct, 'a');
    await watch.next();
    await create(direct, 'b');

    const silence = await Promise.race([
      watch.next(),
      new Promise((resolve) => setTimeout(resolve, 100, 'silence')),
    ]);

    expect(silence).toBe('silence');
    expect(proxy.running).toBe(1);
  });

  it('lag behind, all events by the same time, and it is known what they hold back', async () => {
    const lag = new Lag(300);
    proxy.add({ match: { verb: 'watch' }, action: { do: 'lag', lag } });
    const watch = await open();
    for (const name of ['first', 'second', 'third']) await create(direct, name);
    await vi.waitUntil(() => lag.holds('third'), PATIENCE);

    const lines = await watch.take(3);

    watch.close();
    expect(lines.map(told)).toEqual(['first', 'second', 'third']);
    expect(lag.holds('third')).toBe(false);
  });

  it('are let alone again once the rules are cleared', async () => {
    proxy.add({ match: { verb: 'watch' }, action: { do: 'drop', events: [1] } });
    proxy.clear();

    expect(await read(1)).toEqual(['a']);
  });
});

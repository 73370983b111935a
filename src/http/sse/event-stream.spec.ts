import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startApi } from '../../../test/support/api-app.js';
import type { ApiApp, Change } from '../../../test/support/api-app.js';
import { Story } from '../../../test/support/labs-double.js';
import { readAsPlugin } from '../../../test/support/plugin-parser.js';
import { rawConnection } from '../../../test/support/raw-http.js';
import { until } from '../../../test/support/until.js';
import { millis } from '../../common/units.js';
import { Requests } from '../server/requests.js';
import { EventStreams } from './event-stream.js';
import { printComment, printEvent } from './wire.js';

const PATH = '/nublado/spawner/v1/labs/rachel/events';

/** Everything a reader was sent, without the transfer encoding. */
interface Reading {
  readonly socket: Socket;
  head(): string;
  text(): string;
  readonly ended: () => boolean;
}

async function open(api: ApiApp, path = PATH, headers = ''): Promise<Reading> {
  const socket = await rawConnection(api.url);
  let bytes = '';
  socket.on('data', (chunk: Buffer) => (bytes += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gt-rachel-for-the-demo-only\r\n${headers}\r\n`,
  );
  const parts = (): readonly string[] => bytes.split(/(?<=\r\n\r\n)([\s\S]*)/);
  return {
    socket,
    head: () => parts()[0] ?? '',
    text: () => unchunked(parts()[1] ?? ''),
    ended: () => bytes.endsWith('\r\n0\r\n\r\n'),
  };
}

/** Strict enough to notice a stream that was cut in the middle of a chunk. */
function unchunked(body: string): string {
  let text = '';
  for (let rest = body; rest !== '';) {
    const [line = ''] = rest.split('\r\n', 1);
    const size = Number.parseInt(line, 16);
    text += rest.slice(line.length + 2, line.length + 2 + size);
    rest = rest.slice(line.length + 2 + size + 2);
  }
  return text;
}

const impatient: Change = (settings) => ({
  ...settings,
  berth: {
    ...settings.berth,
    drain: millis(300),
    streams: { ...settings.berth.streams, keepAlive: millis(40) },
  },
});

describe('EventStreams', () => {
  let api: ApiApp;
  let story: Story;

  beforeAll(async () => {
    api = await startApi({ change: impatient });
  });

  beforeEach(() => {
    story = new Story();
    api.labs.stories.set('rachel', story);
    api.labs.resumed.length = 0;
  });

  afterEach(() => {
    story.end();
  });

  afterAll(async () => {
    await api.app.close();
  });

  it('sends headers and a comment before the first event', async () => {
    const reading = await open(api);
    await until(() => reading.text() !== '');

    expect(reading.head()).toMatch(/^HTTP\/1\.1 200 /);
    expect(reading.head()).toMatch(/content-type: text\/event-stream; charset=utf-8\r\n/i);
    expect(reading.head()).toMatch(/cache-control: no-store, no-transform\r\n/i);
    expect(reading.head()).toMatch(/x-accel-buffering: no\r\n/i);
    expect(reading.head()).toMatch(/x-content-type-options: nosniff\r\n/i);
    expect(reading.text()).toMatch(/^: berth\r\n/);
    reading.socket.destroy();
  });

  it('writes the contract’s bytes, ids beside them, and ends with its operation', async () => {
    story.tell(1, 'Lab creation initiated', { progress: 1 });
    story.tell(0, 'Third in the queue', { progress: 2, hint: true });
    story.tell(2, 'Größe – \u2028 "quoted"', { event: 'error' });
    story.tell(3, 'Operation completed', { event: 'complete' });
    story.end();

    const reading = await open(api);
    await until(() => reading.ended());

    expect(reading.text().replace(/^(: [^\r]*\r\n)+/, '')).toBe(
      [
        'event: info\r\nid: abcdefghij-1\r\ndata: {"message": "Lab creation initiated", "progress": 1}\r\n\r\n',
        'event: info\r\ndata: {"message": "Third in the queue", "progress": 2}\r\n\r\n',
        'event: error\r\nid: abcdefghij-2\r\ndata: {"message": "Gr\\u00f6\\u00dfe \\u2013 \\u2028 \\"quoted\\""}\r\n\r\n',
        'event: complete\r\nid: abcdefghij-3\r\ndata: {"message": "Operation completed"}\r\n\r\n',
      ].join(''),
    );
  });

  it('keeps a silent stream alive with comments that the plugin does not notice', async () => {
    story.tell(1, 'Lab creation initiated', { progress: 1 });
    const reading = await open(api);
    await until(() => (reading.text().match(/: ping - \d{4}-\S+Z\r\n/g) ?? []).length >= 3);
    story.tell(2, 'Pod started', { progress: 75 });
    story.tell(3, 'Operation completed', { event: 'complete' });
    story.end();
    await until(() => reading.ended());

    expect(reading.text()).not.toMatch(/: ping[^\r]*\r\n\r\n/);
    expect(readAsPlugin(reading.text())).toEqual([
      { kind: 'message', text: '[info] Lab creation initiated', progress: 1 },
      { kind: 'message', text: '[info] Pod started', progress: 75 },
      { kind: 'complete' },
    ]);
  });

  it('forgets what was queued behind a stream on a connection whose reader left', async () => {
    const before = api.requests.waiting;
    const reading = await open(api);
    const again = `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gt-rachel-for-the-demo-only\r\n\r\n`;
    reading.socket.write(`${again}GET / HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(() => api.requests.waiting === before + 3, 'all three requests');

    reading.socket.destroy();

    await until(() => api.requests.waiting === before, 'nobody waiting');
    await until(() => api.app.get(EventStreams).open === 0, 'no stream open');
  });

  it('tells more with format=native, under the same ids', async () => {
    story.tell(2, 'Image cannot be pulled', {
      event: 'error',
      severity: 'error',
      reason: 'image_missing',
      remedy: 'Choose another',
      who: 'user',
    });
    story.end();

    const reading = await open(api, `${PATH}?format=native`);
    await until(() => reading.ended());

    const data = /id: abcdefghij-2\r\ndata: (.*)\r\n/.exec(reading.text())?.[1] ?? '';
    expect(JSON.parse(data)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      reason: 'image_missing',
      severity: 'error',
      message: 'Image cannot be pulled',
      progress: null,
      remedy: 'Choose another',
      who: 'user',
      evidence: null,
    });
  });

  it('hands on where a reader wants to resume', async () => {
    story.end();

    const reading = await open(api, PATH, 'Last-Event-ID: abcdefghij-7\r\n');
    await until(() => reading.ended());

    expect(api.labs.resumed).toEqual(['abcdefghij-7']);
  });

  it('tells its source when the reader leaves', async () => {
    const reading = await open(api);
    await until(() => reading.text() !== '');

    reading.socket.destroy();

    await until(() => story.closed, 'closing of the source');
  });

  it('tells its source also when the reader left while it was looked for', async () => {
    const { waiting } = api.requests;
    let find: (story: Story) => void = () => undefined;
    const found = new Promise<Story>((resolve) => (find = resolve));
    vi.spyOn(api.labs, 'progress').mockReturnValueOnce(found);
    const reading = await open(api);
    await until(() => api.requests.waiting > waiting, 'the request');
    reading.socket.destroy();
    await until(() => api.requests.waiting === waiting, 'that it left');

    find(story);

    await until(() => story.closed, 'closing of the source', 5000);
    expect(api.app.get(EventStreams).open).toBe(0);
  });

  it('does not take more from its source than a reader that does not read can hold', async () => {
    const socket = await rawConnection(api.url);
    socket.pause();
    for (let number = 1; number <= 400; number += 1) story.tell(number, 'x'.repeat(100_000));
    socket.write(
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gt-rachel-for-the-demo-only\r\n\r\n`,
    );
    await until(() => story.taken > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(story.taken).toBeLessThan(400);
    socket.destroy();
  });
});

describe('a process that ends', () => {
  let api: ApiApp;
  let story: Story;

  beforeEach(async () => {
    api = await startApi({ change: impatient });
    story = new Story();
    api.labs.stories.set('rachel', story);
  });

  afterEach(async () => {
    story.end();
    await api.app.close();
  });

  it('ends an open stream cleanly, without an event of its own, without an event of its own', async () => {
    story.tell(1, 'Lab creation initiated', { progress: 1 });
    const reading = await open(api);
    await until(() => reading.text().includes('initiated'));

    await api.app.close();

    expect(reading.ended()).toBe(true);
    expect(reading.text()).not.toMatch(/event: (failed|complete)/);
  });

  it('serves an open stream to its end while the process drains', async () => {
    const reading = await open(api);
    await until(() => reading.text() !== '');

    const closing = api.app.close();
    story.tell(2, 'Pod started', { progress: 75 });
    story.tell(3, 'Operation completed', { event: 'complete' });
    story.end();
    await closing;

    expect(readAsPlugin(reading.text())).toEqual([
      { kind: 'message', text: '[info] Pod started', progress: 75 },
      { kind: 'complete' },
    ]);
  });

  it('answers 503 to whoever waits for something else when the drain time is over', async () => {
    api.labs.labs.set('rachel', {} as never);
    api.labs.removal = new Promise(() => undefined);
    const socket = await rawConnection(api.url);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      'DELETE /nublado/spawner/v1/labs/rachel HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gt-hub-for-the-demo-only\r\n\r\n',
    );
    await until(() => api.labs.removed.length > 0);

    await api.app.close();

    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain('"type":"shutting_down"');
  });

  it('answers 503 to whoever comes when the drain time is over', async () => {
    await api.app.get(Requests).drain(millis(0), AbortSignal.abort());

    const answer = await fetch(`${api.url}/nublado/spawner/v1/labs/rachel`, {
      headers: { authorization: 'Bearer gt-hub-for-the-demo-only' },
    });

    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('"type":"shutting_down"');
  });

  it('closes connections that idle when nobody waits', async () => {
    const socket = await rawConnection(api.url);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');

    await Promise.all([once(socket, 'close'), api.app.close()]);
  });
});

describe('printEvent', () => {
  it('is read by the plugin as it was meant, whatever the text and however often a comment comes between', () => {
    const line = fc.record({
      message: fc.string({ unit: 'binary', minLength: 1 }),
      progress: fc.integer({ min: 1, max: 100 }),
      comments: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        const text = lines.map(({ message, progress, comments }, index) => {
          const event = printEvent({
            event: 'info',
            id: `abcdefghij-${index + 1}`,
            data: { message, progress },
          });
          return event + printComment('ping').repeat(comments);
        });

        expect(readAsPlugin(text.join(''))).toEqual(
          lines.map(({ message, progress }) => ({ kind: 'message', text: `[info] ${message}`, progress })),
        );
      }),
    );
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeClock } from '../../test/support/fake-clock.js';
import { until } from '../../test/support/until.js';
import { DeadlineExceeded } from './deadline.js';
import { getJson } from './get-json.js';

type Answerer = (response: ServerResponse) => void;

describe('getJson', () => {
  let server: Server;
  let url: string;
  let clock: FakeClock;
  let answer: Answerer;
  let asked = 0;

  beforeEach(async () => {
    clock = new FakeClock();
    asked = 0;
    server = createServer((_request, response) => {
      asked += 1;
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Writes `piece` again and again until the reader hangs up. */
  const dripping =
    (status: number, piece: string): Answerer =>
    (response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.write('{"a": "');
      const drops = setInterval(() => response.write(piece), 1);
      response.on('close', () => clearInterval(drops));
    };

  it('gives status and JSON, and leaves no timer', async () => {
    answer = (response) => response.writeHead(200).end('{"a": ["ü"]}');

    expect(await getJson(clock, url)).toEqual({ status: 200, body: { a: ['ü'] } });
    expect(clock.pending).toBe(0);
  });

  it('gives the status alone where that is no 200', async () => {
    answer = (response) => response.writeHead(403).end('{"detail": []}');

    expect(await getJson(clock, url)).toEqual({ status: 403 });
  });

  it.each<[string, Answerer]>([
    ['never comes', () => undefined],
    ['drips byte by byte', dripping(200, 'x')],
    ['stops in the middle', (response) => response.writeHead(200, { 'content-length': 9 }).write('{')],
    ['is an error that drips', dripping(500, 'x')],
  ])('waits twenty seconds in all for an answer that %s', async (_how, slow) => {
    answer = slow;
    let hungUp = 0;
    server.on('connection', (socket) => socket.on('close', () => (hungUp += 1)));
    const asking = getJson(clock, url).catch((error: unknown) => error);
    await until(() => asked > 0, 'the request has come');

    await clock.advance(20_000);

    expect(await asking).toBeInstanceOf(DeadlineExceeded);
    await until(() => hungUp > 0, 'the connection is closed');
    expect(clock.pending).toBe(0);
  });

  it.each<[string, Answerer, string | RegExp]>([
    ['is larger than 8 MiB', dripping(200, 'x'.repeat(1_048_576)), 'larger than'],
    ['is no JSON', (response) => response.writeHead(200).end('<html>'), /JSON/],
    ['breaks off', (response) => response.destroy(), /closed|hang up|ECONNRESET/],
  ])('throws at an answer that %s', async (_how, odd, message) => {
    answer = odd;

    await expect(getJson(clock, url)).rejects.toThrow(message);
    expect(clock.pending).toBe(0);
  });
});

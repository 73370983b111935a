import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { expectGolden } from '../../test/support/golden.js';
import { aCell, aNodeView, anImageView } from '../../test/support/prepulls-double.js';
import { bytes, instant, seconds } from '../common/units.js';

const ADMIN = 'gt-admin-for-the-demo-only';
const CONTRACT = '/nublado/spawner/v1/prepulls';
const NATIVE = '/nublado/admin/v1/prepulls';

describe('PrepullsController', () => {
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi();
    const failed = aCell({
      digest: 'sha256:2',
      state: 'failed',
      reason: 'disk_full',
      message: 'no space left on device',
      size: undefined,
      attempts: 2,
      retryAt: instant(Date.parse('2026-11-21T18:01:00Z')),
    });
    const tainted = { eligible: false, comment: 'Node is tainted (NoSchedule, gpu)', images: [] };
    api.prepulls.nodes = [
      aNodeView('node-1', { images: [aCell({ took: seconds(95) }), failed] }),
      aNodeView('node-2', tainted),
    ];
    const pending = {
      reference: 'registry.example.org/lab:w_2',
      tag: 'w_2',
      name: 'Weekly 2',
      digest: 'sha256:2',
    };
    api.prepulls.images = [
      anImageView({ size: bytes(8_000_000_000) }),
      anImageView({
        ...pending,
        prepulled: false,
        size: undefined,
        nodes: [],
        missing: ['node-1'],
        pulls: undefined,
      }),
    ];
  });

  afterAll(async () => {
    await api.app.close();
  });

  const get = async (path: string, token = ADMIN, accept = 'application/json') => {
    const headers = { authorization: `Bearer ${token}`, accept };
    // As browsers do, a stream has a connection of its own.
    const dispatcher = accept === 'application/json' ? undefined : new Agent();
    const answer = await request(api.url + path, { headers, ...(dispatcher && { dispatcher }) });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  };

  it('answers as the contract says, absent facts as null', async () => {
    const { body, status } = await get(CONTRACT);

    expect(status).toBe(200);
    expectGolden('prepuller/status', await body.json());
  });

  it('tells the matrix with states, reasons and how long pulls take', async () => {
    const { body, status } = await get(NATIVE);

    expect(status).toBe(200);
    expectGolden('prepuller/matrix', await body.json());
  });

  it.each([CONTRACT, NATIVE])('refuses %s to who is no admin', async (path) => {
    const { body, status } = await get(path, 'gt-rachel-for-the-demo-only');
    await body.dump();

    expect(status).toBe(403);
  });

  it('streams the matrix, then what changes, to who accepts a stream', async () => {
    const { body, headers } = await get(NATIVE, ADMIN, 'text/event-stream');
    let text = '';
    body.on('data', (piece: Buffer) => (text += piece.toString()));
    const reads = async (words: string): Promise<void> => {
      await expect.poll(() => text).toContain(words);
    };

    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await reads('event: matrix');
    api.prepulls.change(['node-2']);
    await reads('event: node\r\ndata: {"name": "node-2"');
    api.prepulls.change(['node-9']);
    await reads('event: gone\r\ndata: {"name": "node-9"}');
    api.prepulls.change(undefined);
    await expect.poll(() => text.split('event: matrix').length).toBe(3);

    body.destroy();
    await expect.poll(() => api.prepulls.closed).toBe(1);
  });
});

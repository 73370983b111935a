import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../../test/support/api-app.js';
import type { ApiApp } from '../../../test/support/api-app.js';
import { rawConnection, rawExchange } from '../../../test/support/raw-http.js';
import { until } from '../../../test/support/until.js';

const HUB = { authorization: 'Bearer gt-hub-for-the-demo-only' };
const LAB = '/nublado/spawner/v1/labs/rachel';

interface ErrorBody {
  readonly detail: string | readonly { readonly type: string; readonly loc?: readonly unknown[] }[];
}

describe('the HTTP server', () => {
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi();
  });

  afterAll(async () => {
    await api.app.close();
  });

  const ask = async (method: string, path: string, more: object = {}) => {
    const answer = await request(api.url + path, { method: method as 'GET', headers: HUB, ...more });
    const text = await answer.body.text();
    const body = (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as ErrorBody;
    return { ...answer, text, body };
  };
  const raw = (lines: readonly string[], body: string | Buffer = '') =>
    rawExchange(
      api.url,
      Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`), Buffer.from(body)]),
    );
  const typeOf = (text: string): string =>
    (JSON.parse(text) as { detail: { type: string }[] }).detail[0]!.type;

  it('redirects a stray trailing slash to the registered path, query and scheme kept', async () => {
    const answer = await ask('GET', `${LAB}/?a=b`, {
      headers: {
        ...HUB,
        host: 'lab.example.org',
        'x-forwarded-for': '10.1.2.3',
        'x-forwarded-proto': 'https',
      },
    });

    expect(answer.statusCode).toBe(307);
    expect(answer.headers['location']).toBe(`https://lab.example.org${LAB}?a=b`);
  });

  it('takes a trailing slash for a stray one where a name could follow', async () => {
    const answer = await ask('GET', '/nublado/spawner/v1/labs/?a=b');

    expect(answer.statusCode).toBe(307);
    expect(answer.headers['location']).toMatch(/\/nublado\/spawner\/v1\/labs\?a=b$/);
  });

  it('keeps a query whole that has question marks in it', async () => {
    const answer = await ask('GET', '/nublado/spawner/v1/labs/?next=/a?b=c?d');

    expect(answer.headers['location']).toMatch(/\/nublado\/spawner\/v1\/labs\?next=\/a\?b=c\?d$/);
  });

  it('ignores a forwarded scheme that no forwarded address stands beside', async () => {
    const answer = await ask('GET', `${LAB}/`, {
      headers: { ...HUB, host: 'lab.example.org', 'x-forwarded-for': 'nobody', 'x-forwarded-proto': 'https' },
    });

    expect(answer.headers['location']).toBe(`http://lab.example.org${LAB}`);
  });

  it.each([
    ['GET', '/nowhere', 404, 'Not Found'],
    ['GET', '/nublado/spawner/v1/labs/rachel/events/more', 404, 'Not Found'],
    ['POST', LAB, 405, 'Method Not Allowed'],
    ['HEAD', '/', 405, undefined],
    ['OPTIONS', '/', 405, 'Method Not Allowed'],
  ])('answers %s %s with %i', async (method, path, status, detail) => {
    const answer = await ask(method, path);

    expect(answer.statusCode).toBe(status);
    expect(detail === undefined ? answer.text : answer.body).toEqual(detail === undefined ? '' : { detail });
  });

  it('names the allowed methods beside a 405', async () => {
    expect((await ask('PUT', LAB)).headers['allow']).toBe('DELETE, GET');
  });

  it.each(['/nublado/%2e%2e/health/live', '/a/../b', '/a/%2E%2e%2fb', '/a/..%5cb', '/nul%00byte'])(
    'refuses the path %s',
    async (path) => {
      const answer = await raw([`GET ${path} HTTP/1.1`, 'Host: x']);

      expect(answer.status).toBe(400);
      expect(typeOf(answer.body)).toBe('invalid_path');
    },
  );

  it('refuses a path that is no UTF-8', async () => {
    const answer = await raw([`GET ${LAB}%ff HTTP/1.1`, 'Host: x']);

    expect(answer.status).toBe(400);
    expect(typeOf(answer.body)).toBe('invalid_path');
  });

  it('refuses 100 KiB of headers', async () => {
    const answer = await raw(['GET / HTTP/1.1', 'Host: x', `X-Long: ${'a'.repeat(100 * 1024)}`]);

    expect(answer.status).toBe(431);
    expect(typeOf(answer.body)).toBe('headers_too_large');
  });

  it('refuses what is no HTTP', async () => {
    const answer = await rawExchange(api.url, 'hello?\r\n\r\n');

    expect(answer.status).toBe(400);
    expect(typeOf(answer.body)).toBe('malformed_request');
  });

  it('says what is wrong with a path whose part is longer than any name', async () => {
    const answer = await ask('GET', `/nublado/spawner/v1/labs/${'a'.repeat(600)}`);

    expect(answer.statusCode).toBe(400);
    expect(answer.text).toContain('more than 512 characters');
  });

  it.each([
    ['no host', ['GET / HTTP/1.1']],
    ['two hosts', ['GET / HTTP/1.1', 'Host: a', 'Host: b']],
  ])('refuses a request with %s', async (_what, lines) => {
    const answer = await raw(lines);

    expect(answer.status).toBe(400);
    expect(typeOf(answer.body)).toBe('malformed_request');
  });

  it('serves HTTP/1.0 without a host', async () => {
    expect((await raw(['GET / HTTP/1.0'])).status).toBe(200);
  });

  it.each([
    [
      'an expectation it does not know',
      417,
      'Expectation Failed',
      ['GET / HTTP/1.1', 'Host: x', 'Expect: tea'],
    ],
    ['CONNECT', 405, 'Method Not Allowed', ['CONNECT elsewhere:443 HTTP/1.1', 'Host: elsewhere']],
  ])('refuses %s with a body', async (_what, status, detail, lines) => {
    const answer = await raw(lines);

    expect(answer.status).toBe(status);
    expect(answer.body).toContain(JSON.stringify({ detail }));
  });

  it.each(['garbage', ';;;', 'text/plain'])(
    'takes the content type %s for one that is not JSON',
    async (type) => {
      const user = { authorization: 'Bearer gt-rachel-for-the-demo-only', 'content-type': type };
      const answer = await ask('POST', `${LAB}/create`, { headers: user, body: '{}' });

      expect(answer.statusCode).toBe(422);
      expect(typeOf(answer.text)).toBe('model_attributes_type');
    },
  );

  it.each(['content-length', 'chunked'])('refuses a body of 10 MiB with 413 (%s)', async (how) => {
    const body = Buffer.alloc(10 * 1024 * 1024, ' ');
    const chunked = how === 'chunked';
    const answer = await raw(
      [
        `POST ${LAB}/create HTTP/1.1`,
        'Host: x',
        'Content-Type: application/json',
        chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
      ],
      chunked
        ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
        : body,
    );

    expect(answer.status).toBe(413);
    expect(typeOf(answer.body)).toBe('body_too_large');
  });

  it('tells an unexpected error only by the id under which the log has it', async () => {
    api.labs.fail = new Error('the secret reason');

    const answer = await ask('GET', LAB);

    expect(answer.statusCode).toBe(500);
    expect(answer.text).not.toContain('secret reason');
    const id = answer.headers['x-request-id'] as string;
    expect(answer.text).toContain(id);
    const line = api.log.lines.find(
      ({ fields }) => fields['requestId'] === id && fields['error'] !== undefined,
    );
    expect(line).toMatchObject({
      level: 'error',
      fields: { error: expect.objectContaining({ message: 'the secret reason' }) as unknown },
    });
  });

  it('serves the next request on the same connection after an unexpected error', async () => {
    const socket = await rawConnection(api.url);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    api.labs.fail = new Error('boom');

    socket.write(`GET ${LAB} HTTP/1.1\r\nHost: x\r\nAuthorization: ${HUB.authorization}\r\n\r\n`);
    await until(() => text.includes('internal_error'), 'the first answer');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text.includes('"version"'), 'the second answer');

    socket.destroy();
  });

  it('keeps idle connections longer than the ingress does', () => {
    const server = api.app.getHttpServer() as unknown as { keepAliveTimeout: number; headersTimeout: number };

    expect(server.keepAliveTimeout).toBeGreaterThan(61_000);
    expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/', '/nowhere', LAB]) {
      const { headers } = await ask('GET', path);

      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  it('writes one line for a request, with its user, without its query', async () => {
    const answer = await ask('GET', `${LAB}?token=gt-abcdefghijklmnop.qrstuvwxyz`, {
      headers: { ...HUB, 'x-request-id': 'f00dcafe01234567' },
    });
    expect(answer.headers['x-request-id']).toBe('f00dcafe01234567');
    await until(() => api.log.lines.some(({ fields }) => fields['requestId'] === 'f00dcafe01234567'));

    const lines = api.log.lines.filter(({ fields }) => fields['requestId'] === 'f00dcafe01234567');
    expect(lines).toHaveLength(1);
    expect(lines[0]!.fields).toMatchObject({
      method: 'GET',
      route: '/nublado/spawner/v1/labs/:username',
      status: 404,
      user: 'hub',
      code: 'unknown_user',
    });
    expect(JSON.stringify(lines)).not.toContain('gt-');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { request } from 'undici';

import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { callers } from '../../test/support/matrix.js';
import { FileServerCreateFailed } from './fileservers.errors.js';

const failure = new FileServerCreateFailed({
  reason: 'no_address',
  cause: 'The file server got no address within 120 seconds: <script>alert(1)</script>',
  remedy: 'Look at the ingress controller',
  who: 'operator',
});

describe('GET F', () => {
  let api: ApiApp;

  beforeEach(async () => {
    api = await startApi();
  });

  afterEach(async () => {
    await api.app.close();
  });

  const open = async (accept: string, path = '/files') => {
    const answer = await request(api.url + path, { headers: { ...callers.user, accept } });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };

  it('shows where the files are, to whom the identity provider knows', async () => {
    const { status, headers, text } = await open('text/html');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain('<a href="https://data.example.org/files/rachel">');
    expect(text).toContain('write:files');
    expect(api.files.opened).toMatchObject([{ username: 'rachel', uid: 1101 }]);
  });

  it('tells a browser on a page why there are none, and what helps', async () => {
    api.files.fail = failure;

    const { status, text } = await open('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');

    expect(status).toBe(500);
    expect(text).toContain('What helps:</strong> Look at the ingress controller');
    expect(text).toContain('<code>no_address</code>');
    expect(text).not.toContain('<script>');
  });

  it('tells everybody else in the body of the contract', async () => {
    api.files.fail = failure;

    const { status, text } = await open('*/*');

    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({
      detail: [{ msg: failure.message, type: 'file_server_create_failed' }],
    });
    expect(failure.message).toContain('Look at the ingress controller');
  });

  it('serves nothing below its path: that belongs to the servers themselves', async () => {
    expect((await open('text/html', '/files/rachel')).status).toBe(404);
  });
});

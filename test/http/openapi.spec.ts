import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithin } from '../../src/common/path.js';
import { HEALTH_PATH, OWN_PATHS } from '../../src/config/reserved.js';
import { startApi } from '../support/api-app.js';
import type { ApiApp } from '../support/api-app.js';
import { callers, operations } from '../support/matrix.js';
import type { ApiOperation } from '../support/matrix.js';

const COMMITTED = 'openapi.json';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

describe('the API document', () => {
  let api: ApiApp;
  let document: Document;

  beforeAll(async () => {
    api = await startApi();
    const answer = await request(`${api.url}/nublado/openapi.json`);
    document = (await answer.body.json()) as Document;
  });

  afterAll(async () => {
    await api.app.close();
  });

  it('is the committed one (UPDATE_GOLDEN=1 writes it)', async () => {
    const text = await format(JSON.stringify(document), { parser: 'json', printWidth: 110 });
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(COMMITTED)) writeFileSync(COMMITTED, text);

    expect(readFileSync(COMMITTED, 'utf8')).toBe(text);
  });

  it('knows every route that the server has, the pages’ own files aside', () => {
    const described = operations(document).map(({ method, path }) => `${method} ${path}`);
    const served = api.routes
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'))
      .filter((route) => !route.includes(' /nublado/docs/'));

    expect([...described].sort()).toEqual([...served].sort());
  });

  it('has no route that a configured prefix could take unnoticed', () => {
    const watched = [HEALTH_PATH, ...OWN_PATHS.map((own) => `/nublado/${own}`)];
    const paths = Object.keys(document.paths).filter((path) => !watched.some((one) => isWithin(path, one)));

    expect(paths.sort()).toEqual(['/', '/files', '/nublado']);
  });

  it('says of every route who may call it and how it fails', () => {
    for (const operation of operations(document)) {
      expect(operation.access, operation.path).toBeDefined();
      expect(Object.keys(operation.spec.responses), operation.path).toEqual(
        expect.arrayContaining(['400', '431', '500']),
      );
      for (const [status, { content }] of Object.entries(operation.spec.responses)) {
        if (Number(status) < 400 || operation.path === '/health/ready') continue;
        expect(content?.['application/json']?.examples, `${operation.path} ${status}`).toBeDefined();
      }
    }
  });

  it.each([
    ['/nublado/spawner/v1/labs/{username}/events', ['text/event-stream']],
    ['/nublado/admin/v1/prepulls', ['application/json', 'text/event-stream']],
  ])('describes the stream of %s as one', (path, types) => {
    const { responses } = document.paths[path]!['get']!;

    expect(Object.keys(responses['200']!.content!)).toEqual(types);
  });

  it('moves with the path prefix', async () => {
    const other = await startApi({ change: (settings) => ({ ...settings, pathPrefix: '/other/place' }) });
    const answer = await request(`${other.url}/other/place/openapi.json`);
    const { paths } = (await answer.body.json()) as Document;
    await other.app.close();

    expect(Object.keys(paths)).toContain('/other/place/spawner/v1/labs/{username}');
    expect(Object.keys(paths)).toContain('/');
  });

  it('works without a prefix', async () => {
    const bare = await startApi({ change: (settings) => ({ ...settings, pathPrefix: '' }) });
    const labs = await request(`${bare.url}/spawner/v1/labs`, { headers: callers.hub });
    const root = await request(`${bare.url}/`);
    const body = (await root.body.json()) as object;
    await labs.body.dump();
    await bare.app.close();

    expect(labs.statusCode).toBe(200);
    expect(body).toHaveProperty('metadata.version');
  });

  describe('its pages', () => {
    const get = async (path: string) => {
      const answer = await request(`${api.url}/nublado${path}`);
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    };

    it.each(['/docs', '/redoc'])('%s loads nothing from elsewhere', async (path) => {
      const { status, headers, text } = await get(path);
      const loaded = [...text.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)].map(
        (match) => match[1]!,
      );

      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers['content-security-policy']).not.toContain('http');
      for (const url of loaded) {
        expect(url).not.toMatch(/^(https?:)?\/\//);
        expect((await get(`/${url}`)).status, url).toBe(200);
      }
    });

    it('lets the reading page be read: every route and shape is on it, and every link leads somewhere', async () => {
      const { text } = await get('/redoc');

      for (const { path, spec } of operations(document)) {
        expect(text).toContain(path.replace(/[&<>]/g, ''));
        expect(text).toContain(`id="${String(spec.operationId)}"`);
      }
      for (const [, anchor] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${anchor!}"`);
    });

    it('does not serve what else lies beside the files of Swagger UI', async () => {
      for (const path of [
        '/docs/package.json',
        '/docs/index.html',
        '/docs/swagger-ui.js.map',
        '/docs/%2e%2e/package.json',
      ]) {
        expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
      }
    });
  });
});

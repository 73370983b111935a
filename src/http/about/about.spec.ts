import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../../test/support/api-app.js';
import type { ApiApp } from '../../../test/support/api-app.js';
import { product } from '../../common/product.js';

describe('AboutModule', () => {
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi({ change: (settings) => ({ ...settings, name: 'Our platform' }) });
  });

  afterAll(async () => {
    await api.app.close();
  });

  const metadata = { name: 'Our platform', version: product.version, description: product.description };

  it('tells flatly inside the cluster what runs, and wrapped behind the prefix', async () => {
    await supertest(api.url).get('/').expect(200, metadata);
    await supertest(api.url).get('/nublado').expect(200, { metadata });
  });

  it('asks nobody who they are', async () => {
    for (const path of ['/', '/nublado', '/nublado/openapi.json', '/nublado/docs', '/nublado/redoc']) {
      const answer = await supertest(api.url).get(path).set('authorization', 'Bearer nonsense');

      expect(answer.status, path).toBe(200);
    }
  });
});

import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../support/api-app.js';
import type { ApiApp } from '../support/api-app.js';
import { hostileRequests } from '../support/hostile-requests.js';
import type { Components } from '../support/hostile-requests.js';
import { sendAll } from '../support/hostile-run.js';
import { Story, aLabStatus } from '../support/labs-double.js';
import { callers, operations } from '../support/matrix.js';
import type { ApiOperation, ListedOperation } from '../support/matrix.js';

type Document = Components & { readonly paths: Record<string, Record<string, ApiOperation>> };

/** `HOSTILE_SEED=$RANDOM npx vitest run test/http/hostile.spec.ts` aims differently. */
const SEED = Number(process.env['HOSTILE_SEED'] ?? 20_261_122);
const COUNT = 1_000;
const KEY = callers.server.authorization.replace('Bearer ', '');
const BODY = {
  start: true,
  username: 'rachel',
  password: callers.user.authorization.replace('Bearer ', ''),
  options: { image_tag: 'w_2026_46', size: 'small' },
  env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/' },
};

describe('hostile requests', () => {
  let api: ApiApp;
  let document: Document;

  beforeAll(async () => {
    api = await startApi();
    const answer = await request(`${api.url}/nublado/openapi.json`);
    document = (await answer.body.json()) as Document;
    const story = new Story();
    story.end();
    api.labs.labs.set('rachel', aLabStatus('rachel'));
    api.labs.stories.set('rachel', story);
    api.files.servers.add('rachel');
    api.files.keys.set(KEY, 'rachel');
  });

  afterAll(async () => {
    await api.app.close();
  });

  const callerOf = ({ access }: ListedOperation): object => {
    const role = access!.roles[0] ?? 'anonymous';
    if (role === 'fileserver') return callers.server;
    return role === 'user' || role === 'hub' || role === 'admin' ? callers[role] : callers.nobody;
  };

  /**
   * @promise nothing is hidden
   * @fault a hostile value in whatever field of whatever route
   * @outcome no 5xx; the answer says where
   */
  it('get an answer that says where: no 5xx, whatever field of whatever route is aimed at', async () => {
    const requests = hostileRequests(operations(document), document, {
      seed: SEED,
      count: COUNT,
      headers: (operation) => callerOf(operation) as Record<string, string>,
      username: 'rachel',
      body: BODY,
    });

    const { statuses, wrong } = await sendAll(api.url, requests);

    console.log(`hostile requests, HOSTILE_SEED=${SEED}: ${JSON.stringify(statuses)}`);
    expect(requests).toHaveLength(COUNT);
    expect(new Set(requests.map(({ aim }) => aim)).size).toBeGreaterThan(300);
    expect(wrong, `HOSTILE_SEED=${SEED}`).toEqual([]);
    expect(statuses['422']).toBeGreaterThan(50);
    expect(statuses['200']).toBeGreaterThan(100);
  });
});

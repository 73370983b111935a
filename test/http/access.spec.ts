import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/config/index.js';
import { startApi } from '../support/api-app.js';
import type { ApiApp } from '../support/api-app.js';
import { Story, aLabStatus } from '../support/labs-double.js';
import { callers, operations } from '../support/matrix.js';
import type { ApiOperation, ListedOperation } from '../support/matrix.js';

type CallerName = keyof typeof callers;

/** Roles of the demo's users. */
const ROLES: Readonly<Record<CallerName, readonly string[]>> = {
  nobody: [],
  stranger: [],
  user: ['user'],
  hub: ['hub'],
  admin: ['user', 'admin'],
  server: ['fileserver'],
};
const USERNAME: Readonly<Record<CallerName, string>> = {
  nobody: '',
  stranger: '',
  user: 'rachel',
  hub: 'hub',
  admin: 'admin',
  server: 'rachel',
};
const FOREIGN_OWNER = 'wrench';
const KEY = callers.server.authorization.replace('Bearer ', '');
const BODY = JSON.stringify({
  start: true,
  username: 'rachel',
  password: callers.user.authorization.replace('Bearer ', ''),
  options: { image_tag: 'w_2026_46', size: 'small' },
  env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/x/' },
});

/** The rule, told once more and independently of the guard: what must come out for whom. */
function verdict({ access }: ListedOperation, caller: CallerName, owner: string): 'in' | 401 | 403 {
  if (access!.roles.includes('anonymous')) return 'in';
  // A key is no user's token, and a user's token is no key.
  if (ROLES[caller].includes('fileserver') !== access!.roles.includes('fileserver')) return 401;
  if (ROLES[caller].length === 0) return 401;
  if (!access!.roles.some((role) => ROLES[caller].includes(role))) return 403;
  const isHub = ROLES[caller].includes('hub');
  return access!.own === undefined || isHub || owner === USERNAME[caller] ? 'in' : 403;
}

describe('who may call what', () => {
  let api: ApiApp;
  let listed: readonly ListedOperation[];

  beforeAll(async () => {
    api = await startApi();
    const answer = await request(`${api.url}/nublado/openapi.json`);
    listed = operations(
      (await answer.body.json()) as { paths: Record<string, Record<string, ApiOperation>> },
    );
  });

  beforeEach(() => {
    for (const owner of [FOREIGN_OWNER, ...Object.values(USERNAME)]) {
      const story = new Story();
      story.end();
      api.labs.labs.set(owner, aLabStatus(owner));
      api.labs.stories.set(owner, story);
    }
    for (const owner of [FOREIGN_OWNER, ...Object.values(USERNAME)]) api.files.servers.add(owner);
    api.files.keys.set(KEY, 'rachel');
    api.files.startTime = '2026-11-21T18:00:00Z';
    api.labs.created.length = 0;
    api.labs.removed.length = 0;
  });

  afterAll(async () => {
    await api.app.close();
  });

  const call = async (
    { method, path }: ListedOperation,
    caller: CallerName,
    owner: string,
  ): Promise<number> => {
    const answer = await request(api.url + path.replace('{username}', owner), {
      method: method as 'GET',
      headers: { ...callers[caller], ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
      ...(method === 'POST' ? { body: BODY } : {}),
    });
    await answer.body.dump();
    return answer.statusCode;
  };

  it('covers the routes of the contract', () => {
    expect(listed.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'GET /',
        'GET /nublado',
        'GET /nublado/openapi.json',
        'GET /nublado/docs',
        'GET /nublado/redoc',
        'GET /nublado/spawner/v1/labs',
        'GET /nublado/spawner/v1/labs/{username}',
        'POST /nublado/spawner/v1/labs/{username}/create',
        'DELETE /nublado/spawner/v1/labs/{username}',
        'GET /nublado/spawner/v1/labs/{username}/events',
        'GET /nublado/spawner/v1/user-status',
        'GET /nublado/spawner/v1/lab-form/{username}',
        'GET /nublado/spawner/v1/images',
        'GET /nublado/fileserver/v1/users',
        'GET /nublado/fileserver/v1/users/{username}',
        'DELETE /nublado/fileserver/v1/users/{username}',
        'GET /nublado/fileserver/v1/user-status',
        'GET /nublado/fsadmin/v1/service',
        'POST /nublado/fsadmin/v1/service',
        'DELETE /nublado/fsadmin/v1/service',
        'GET /files',
      ]),
    );
  });

  /**
   * @promise nobody gets in
   * @fault every caller tries every route, as themselves and for somebody else
   * @outcome each is let in exactly where the document says
   */
  it.each(Object.keys(callers) as CallerName[])(
    'holds for %s, on their own things and on others’',
    async (caller) => {
      for (const operation of listed) {
        for (const owner of [USERNAME[caller] || FOREIGN_OWNER, FOREIGN_OWNER]) {
          const status = await call(operation, caller, owner);
          const expected = verdict(operation, caller, owner);
          const what = `${caller}: ${operation.method} ${operation.path} of ${owner}`;

          if (expected === 'in') expect([200, 201, 204, 422, 403], what).toContain(status);
          else expect(status, what).toBe(expected);
          // Nobody but a hub that says so in the body gets a lab for somebody else.
          expect(
            api.labs.created.every(({ user }) => user.username === USERNAME[caller]),
            what,
          ).toBe(true);
        }
      }
    },
  );

  it.each(['user', 'admin'] as const)('lets %s in where they belong', async (caller) => {
    const own = listed.filter((operation) => operation.access!.own !== undefined);

    const statuses = await Promise.all(own.map((operation) => call(operation, caller, USERNAME[caller])));

    expect(statuses.sort()).toEqual([200, 200, 201]);
  });

  it('lets nobody but the hub remove a lab', async () => {
    const remove = listed.find(
      ({ method, path }) => method === 'DELETE' && path.endsWith('/labs/{username}'),
    )!;
    for (const caller of Object.keys(callers) as CallerName[]) await call(remove, caller, FOREIGN_OWNER);

    expect(api.labs.removed).toEqual([FOREIGN_OWNER]);
  });
});

describe('a request as from a lab pod, past the proxy', () => {
  let api: ApiApp;
  let listed: readonly ListedOperation[];

  beforeAll(async () => {
    api = await startApi({
      change: (settings) => ({
        ...settings,
        proxySecret: new Secret('only-the-proxy-knows'),
        berth: {
          ...settings.berth,
          auth: { ...settings.berth.auth, provider: 'gafaelfawr', gafaelfawrUrl: 'http://127.0.0.1:9' },
        },
      }),
    });
    const answer = await request(`${api.url}/nublado/openapi.json`);
    listed = operations(
      (await answer.body.json()) as { paths: Record<string, Record<string, ApiOperation>> },
    );
    api.labs.labs.set('rachel', aLabStatus('rachel'));
    api.files.servers.add('rachel');
  });

  afterAll(async () => {
    await api.app.close();
  });

  /** What a pod can say of itself, up to everything that the proxy would say of somebody. */
  const FORGED: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'x-auth-request-user': 'rachel' },
    { 'x-auth-request-user': 'rachel', 'x-auth-request-token': 'gt-token-of-rachel' },
    { 'x-auth-request-user': 'bot-jupyterhub', 'x-berth-proxy-secret': '' },
    { 'x-auth-request-user': 'admin', 'x-berth-proxy-secret': 'guessed', 'x-forwarded-for': '127.0.0.1' },
    { authorization: 'Bearer gt-token-of-rachel' },
  ];

  const refusals = async (operation: ListedOperation): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (const headers of FORGED) {
      const answer = await request(api.url + operation.path.replace('{username}', 'rachel'), {
        method: operation.method as 'GET',
        headers: {
          ...headers,
          ...(operation.method === 'POST' ? { 'content-type': 'application/json' } : {}),
        },
        ...(operation.method === 'POST' ? { body: BODY } : {}),
      });
      await answer.body.dump();
      statuses.push(answer.statusCode);
    }
    return statuses;
  };

  /**
   * @promise nobody gets in
   * @fault a lab pod calls Berth directly, with forged headers of a user, a hub or an administrator
   * @outcome every route refuses it once `berth.auth.proxySecret` is set; only probes and documents stay open
   */
  it('is refused everywhere', async () => {
    const open = listed.filter(({ access }) => access!.roles.includes('anonymous'));
    const closed = listed.filter((operation) => !open.includes(operation));

    for (const operation of closed) {
      const expected = operation.access!.roles.includes('fileserver') ? 401 : 403;
      expect(await refusals(operation), `${operation.method} ${operation.path}`).toEqual(
        FORGED.map(() => expected),
      );
    }
    expect(closed.length).toBeGreaterThan(20);
    expect([api.labs.created, api.labs.removed, api.labs.asked, api.labs.erased].flat()).toEqual([]);
    expect(open.map(({ path }) => path).sort()).toEqual([
      '/',
      '/health/live',
      '/health/ready',
      '/nublado',
      '/nublado/docs',
      '/nublado/openapi.json',
      '/nublado/redoc',
    ]);
  });
});

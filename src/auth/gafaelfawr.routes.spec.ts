import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { aLabStatus } from '../../test/support/labs-double.js';
import { startStub } from '../../test/support/stub-server.js';
import type { StubServer } from '../../test/support/stub-server.js';

const LABS = '/nublado/spawner/v1/labs';
const BODY = { options: { image_tag: 'w', size: 'small' }, env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/' } };
const USER = { 'x-auth-request-user': 'rachel' };
type Asked = [api: ApiApp, method: string, path: string, headers: object, json?: unknown];

const WITH_TOKEN = { ...USER, 'x-auth-request-token': 'token-of-rachel' };

describe('the routes behind Gafaelfawr', () => {
  let stub: StubServer;
  let ingress: ApiApp;
  let named: ApiApp;

  beforeAll(async () => {
    stub = await startStub((asked) =>
      asked.headers.authorization === 'Bearer token-of-rachel'
        ? { body: { username: 'rachel', uid: 1101, gid: 1101, groups: [] } }
        : { status: 401 },
    );
    const behind = (auth: object) =>
      startApi({
        change: (settings) => ({
          ...settings,
          berth: {
            ...settings.berth,
            auth: { ...settings.berth.auth, provider: 'gafaelfawr', gafaelfawrUrl: stub.url, ...auth },
          },
        }),
      });
    ingress = await behind({});
    named = await behind({ hubUsers: ['bot-jupyterhub'] });
    for (const { labs } of [ingress, named]) labs.labs.set('rachel', aLabStatus());
  });

  afterAll(async () => {
    await Promise.all([ingress.app.close(), named.app.close(), stub.close()]);
  });

  const ask = async (...[api, method, path, headers, json]: Asked) => {
    const answer = await request(api.url + path, {
      method: method as 'GET',
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  };

  it('lets the ingress decide who is a hub: no header is asked for', async () => {
    expect((await ask(ingress, 'GET', `${LABS}/rachel`, {})).status).toBe(200);
    expect((await ask(ingress, 'GET', LABS, {})).status).toBe(200);
  });

  it('lets in only hubs that the configuration names, where it names some', async () => {
    expect((await ask(named, 'GET', `${LABS}/rachel`, {})).status).toBe(422);
    expect((await ask(named, 'GET', `${LABS}/rachel`, USER)).status).toBe(403);
    expect(
      (await ask(named, 'GET', `${LABS}/rachel`, { 'x-auth-request-user': 'bot-jupyterhub' })).status,
    ).toBe(200);
  });

  it('checks the token on create, and names both headers if both are missing', async () => {
    const create = `${LABS}/rachel/create`;

    const none = await ask(ingress, 'POST', create, {}, BODY);
    const wrong = await ask(ingress, 'POST', create, { ...USER, 'x-auth-request-token': 'x' }, 'no body');
    const foreign = await ask(
      ingress,
      'POST',
      create,
      { ...WITH_TOKEN, 'x-auth-request-user': 'wrench' },
      BODY,
    );
    const right = await ask(ingress, 'POST', create, WITH_TOKEN, BODY);

    expect(none).toMatchObject({
      status: 422,
      body: {
        detail: [
          { type: 'missing', loc: ['header', 'x-auth-request-user'], msg: 'Field required' },
          { type: 'missing', loc: ['header', 'x-auth-request-token'], msg: 'Field required' },
        ],
      },
    });
    expect(wrong).toEqual({
      status: 401,
      body: { detail: [{ msg: 'User token is invalid', type: 'invalid_token' }] },
    });
    expect(foreign.status).toBe(403);
    expect(right.status).toBe(201);
    expect(ingress.labs.created.at(-1)).toMatchObject({ token: 'token-of-rachel', user: { uid: 1101 } });
  });

  it('asks nobody about events and one’s own status: the header counts', async () => {
    const before = stub.seen.length;

    expect((await ask(ingress, 'GET', `${LABS}/wrench/events`, USER)).status).toBe(403);
    expect((await ask(ingress, 'GET', `${LABS}/rachel/events`, {})).status).toBe(422);
    expect((await ask(ingress, 'GET', '/nublado/spawner/v1/user-status', USER)).status).toBe(200);

    expect(stub.seen).toHaveLength(before);
  });

  it('checks the token before it says why a lab died: the name may have been somebody else’s', async () => {
    const history = '/nublado/spawner/v1/user-history';

    expect((await ask(ingress, 'GET', history, USER)).status).toBe(422);
    expect((await ask(ingress, 'GET', history, { ...USER, 'x-auth-request-token': 'x' })).status).toBe(401);
    const foreign = { ...WITH_TOKEN, 'x-auth-request-user': 'wrench' };
    expect((await ask(ingress, 'GET', history, foreign)).status).toBe(403);
  });

  it('refuses a token that is nobody’s or somebody else’s also where the header would do', async () => {
    const foreign = { ...WITH_TOKEN, 'x-auth-request-user': 'wrench' };

    for (const path of [
      'spawner/v1/user-status',
      'spawner/v1/labs/rachel/events',
      'fileserver/v1/user-status',
    ]) {
      const stolen = await ask(ingress, 'GET', `/nublado/${path}`, { ...USER, 'x-auth-request-token': 'x' });
      expect(stolen.status).toBe(401);
    }
    expect((await ask(ingress, 'GET', '/nublado/spawner/v1/user-status', foreign)).status).toBe(403);
  });

  it('lets a named hub act for a user whose token it has, and nobody else', async () => {
    const create = `${LABS}/rachel/create`;
    const forRachel = { ...BODY, user: { username: 'rachel', token: 'token-of-rachel' } };
    const hub = { 'x-auth-request-user': 'bot-jupyterhub' };

    expect((await ask(named, 'POST', create, hub, forRachel)).status).toBe(201);
    expect((await ask(named, 'POST', create, hub, { ...BODY, user: { username: 'rachel' } })).status).toBe(
      422,
    );
    expect((await ask(named, 'POST', create, hub, BODY)).status).toBe(422);
    expect((await ask(named, 'POST', create, WITH_TOKEN, forRachel)).status).toBe(403);
    expect((await ask(ingress, 'POST', create, hub, forRachel)).status).toBe(422);
  });
});

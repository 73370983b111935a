import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startIdentity } from '../../simulator/identity/index.js';
import type { Identity } from '../../simulator/identity/index.js';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { JumpClock } from '../../test/support/jump-clock.js';

const OWN = 'rachel-token';

describe('POST P/fileserver/v1/verify behind Gafaelfawr', () => {
  let identity: Identity;
  let api: ApiApp;
  const clock = new JumpClock();

  beforeAll(async () => {
    identity = await startIdentity();
    const gafaelfawrUrl = `${identity.url}/auth/api/v1`;
    api = await startApi({
      clock,
      change: (settings) => ({
        ...settings,
        berth: {
          ...settings.berth,
          auth: { ...settings.berth.auth, provider: 'gafaelfawr', gafaelfawrUrl },
        },
      }),
    });
    api.files.keys.set('key-of-rachel', 'rachel');
  });

  afterEach(() => {
    delete identity.faults.status;
    // No guess of one spec counts in the next.
    clock.jump(60_001);
  });

  afterAll(async () => {
    await api.app.close();
    await identity.close();
  });

  const post = async (body: string, key = 'key-of-rachel') => {
    const answer = await request(`${api.url}/nublado/fileserver/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body,
    });
    const { detail } = (await answer.body.json()) as { detail?: readonly { type: string }[] };
    return {
      status: answer.statusCode,
      type: detail?.[0]?.type,
      retryAfter: answer.headers['retry-after'] !== undefined,
    };
  };
  const ask = (password: string, username = 'rachel') => post(JSON.stringify({ username, password }));
  const GOOD = { status: 200, type: undefined, retryAfter: false };
  const REFUSED = { status: 403, type: 'credentials_refused', retryAfter: false };
  const SILENT = { status: 503, type: 'identity_unavailable', retryAfter: true };

  it('refuses a token from the moment on in which it is revoked', async () => {
    expect(await ask(OWN)).toEqual(GOOD);
    const user = identity.tokens.get(OWN);

    identity.tokens.delete(OWN);
    const revoked = await ask(OWN);
    if (user) identity.tokens.set(OWN, user);

    expect(revoked).toEqual(REFUSED);
    expect(await ask(OWN)).toEqual(GOOD);
  });

  it.each([500, 502, 429, 404])(
    'says that nobody knows when the provider answers %i, and counts no guess',
    async (status) => {
      identity.faults.status = status;

      for (let turn = 0; turn < 12; turn += 1) expect(await ask(`any-${turn}`)).toEqual(SILENT);

      delete identity.faults.status;
      expect(await ask(OWN)).toEqual(GOOD);
    },
  );

  it('refuses a token that does not allow files', async () => {
    const user = identity.tokens.get(OWN);
    if (user) identity.tokens.set('rachel-token-without-files', user);

    expect(await ask('rachel-token-without-files')).toEqual(REFUSED);
  });

  it('refuses everybody but the owner, whatever name they show', async () => {
    expect(await ask('vera-token', 'vera')).toEqual(REFUSED);
    expect(await ask('vera-token')).toEqual(REFUSED);
    expect(await ask(OWN, 'vera')).toEqual(REFUSED);
    expect(await ask(OWN, 'Rachel')).toEqual(REFUSED);
  });

  it('stops whoever guesses after ten in a minute, and nobody who was known before', async () => {
    await ask(OWN);
    for (let turn = 0; turn < 10; turn += 1) expect(await ask(`guess-${turn}`)).toEqual(REFUSED);

    const asked = identity.requests.length;
    expect(await ask('guess-11')).toEqual({ status: 429, type: 'too_many_guesses', retryAfter: true });
    expect(identity.requests).toHaveLength(asked);
    expect(await ask(OWN)).toEqual(GOOD);
    clock.jump(60_001);
    expect(await ask('guess-12')).toEqual(REFUSED);
  });

  it.each([
    ['no JSON', '{', 422],
    ['nothing', 'null', 422],
    ['a list', '[]', 422],
    ['no password', '{"username":"rachel"}', 422],
    ['a number for a password', '{"username":"rachel","password":1}', 422],
    [
      'a password of 5,000 characters',
      JSON.stringify({ username: 'rachel', password: 'x'.repeat(5_000) }),
      422,
    ],
  ])('answers %s with what is wrong, and asks nobody', async (_what, body, status) => {
    const asked = identity.requests.length;

    expect((await post(body)).status).toBe(status);
    expect(identity.requests).toHaveLength(asked);
  });

  it('asks nobody for whoever has no key', async () => {
    const asked = identity.requests.length;

    expect((await post(JSON.stringify({ username: 'rachel', password: OWN }), 'another')).status).toBe(401);
    expect((await post('{', 'another')).status).toBe(401);
    expect(identity.requests).toHaveLength(asked);
  });
});

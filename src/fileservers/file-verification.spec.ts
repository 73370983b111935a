import { afterEach, describe, expect, it } from 'vitest';
import { request } from 'undici';

import type { Cluster } from '../../simulator/cluster.js';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import {
  FILES,
  aUser,
  fileSettings,
  startFileCluster,
  startFileProcess,
} from '../../test/support/file-room.js';
import { callers } from '../../test/support/matrix.js';
import { IdentityProvider, IdentityUnavailable } from '../auth/index.js';
import type { Credentials } from '../auth/index.js';
import { Secret } from '../config/index.js';
import { FileVerification } from './file-verification.js';

const TOKEN = callers.user.authorization.replace('Bearer ', '');

/** Knows tokens and whose they are; changes count at once. */
class Tokens extends Map<string, string> {
  asked = 0;
  down = false;

  ownerOf({ username, password }: Credentials): Promise<string | undefined> {
    this.asked += 1;
    if (this.down) return Promise.reject(new IdentityUnavailable(undefined));
    return Promise.resolve(this.get(password.reveal()) === username ? username : undefined);
  }
}

describe('the question whose credentials these are', () => {
  const shown = (password: string, username = 'rachel'): Credentials => ({
    username,
    password: new Secret(password),
  });

  function aVerification(): { tokens: Tokens; clock: FakeClock; verification: FileVerification } {
    const tokens = new Tokens([
      ['good', 'rachel'],
      ['other', 'wrench'],
    ]);
    const clock = new FakeClock();
    return {
      tokens,
      clock,
      verification: new FileVerification(tokens as unknown as IdentityProvider, clock),
    };
  }

  it('is asked of the provider each time, so that a revoked token is refused at once', async () => {
    const { tokens, verification } = aVerification();
    await verification.verify('rachel', shown('good'));

    tokens.delete('good');

    await expect(verification.verify('rachel', shown('good'))).rejects.toThrow('not the credentials');
    expect(tokens.asked).toBe(2);
  });

  it.each([
    ['somebody else’s token', shown('other')],
    ['somebody else’s name and token', shown('other', 'wrench')],
    ['the owner’s token under another name', shown('good', 'wrench')],
    ['nothing at all', shown('', '')],
  ])('refuses %s', async (_what, credentials) => {
    const { verification } = aVerification();

    await expect(verification.verify('rachel', credentials)).rejects.toMatchObject({
      code: 'credentials_refused',
    });
  });

  it('allows ten guesses a minute, however many come at once, and does not lock the owner out', async () => {
    const { tokens, clock, verification } = aVerification();
    await verification.verify('rachel', shown('good'));
    tokens.asked = 0;

    const guesses = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => verification.verify('rachel', shown(`guess-${index}`))),
    );
    const codes = guesses.map((one) => (one as { reason: { code: string } }).reason.code);

    expect(codes.filter((code) => code === 'credentials_refused')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_guesses')).toHaveLength(40);
    expect(tokens.asked).toBe(10);
    await verification.verify('rachel', shown('good'));
    await verification.verify('wrench', shown('other', 'wrench'));
    await clock.advance(60_001);
    await expect(verification.verify('rachel', shown('guess'))).rejects.toMatchObject({
      code: 'credentials_refused',
    });
  });

  it('takes a provider that is down for no guess', async () => {
    const { tokens, verification } = aVerification();
    tokens.down = true;
    for (let turn = 0; turn < 20; turn += 1) {
      await expect(verification.verify('rachel', shown('good'))).rejects.toMatchObject({
        code: 'identity_unavailable',
      });
    }

    tokens.down = false;

    await verification.verify('rachel', shown('good'));
  });
});

describe('the route that file servers ask', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const ask = async (api: ApiApp, key: string | undefined, password = TOKEN) => {
    const answer = await request(`${api.url}/nublado/fileserver/v1/verify`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ username: 'rachel', password }),
    });
    return { status: answer.statusCode, body: await answer.body.json() };
  };

  it('answers nobody without a key, and says neither password nor key in the log', async () => {
    const api = await startApi();
    ends.push(() => api.app.close());
    api.files.keys.set('the-key', 'rachel');

    const good = await ask(api, 'the-key');
    const bad = await ask(api, 'the-key', 'gt-wrong');

    expect(good).toEqual({ status: 200, body: { username: 'rachel', valid_for: 300 } });
    expect(bad).toMatchObject({ status: 403, body: { detail: [{ type: 'credentials_refused' }] } });
    expect((await ask(api, undefined)).status).toBe(401);
    expect((await ask(api, 'another')).status).toBe(401);
    expect((await ask(api, TOKEN)).status).toBe(401);
    const log = JSON.stringify(api.log);
    expect(log).not.toContain('the-key');
    expect(log).not.toContain('gt-wrong');
  });

  const keyIn = (cluster: Cluster, user: string): string => {
    const secrets = cluster.api.store.dump('secrets');
    const found = secrets.find(
      ({ metadata }) => metadata.namespace === FILES && metadata.name === `${user}-fs`,
    );
    const { data } = found as unknown as { data: Record<string, string> };
    return Buffer.from(data['key'] ?? '', 'base64').toString();
  };

  it('knows the key of each server that is meant to run, on every replica, and of no other', async () => {
    const cluster = await startFileCluster();
    ends.push(() => cluster.close());
    const settings = fileSettings({}, { publish: 'ingress', verifyUrl: 'http://berth.berth/nublado' });
    const start = () => startFileProcess({ kubeconfig: cluster.kubeconfig('berth'), settings });
    const [one, two] = [await start(), await start()];
    ends.push(
      () => one.close(),
      () => two.close(),
    );

    await Promise.all([one.files.open(aUser()), two.files.open(aUser('wrench'))]);
    const keys = [keyIn(cluster, 'rachel'), keyIn(cluster, 'wrench')] as const;

    for (const { files } of [one, two]) {
      expect(keys.map((key) => files.ownerOfKey(key))).toEqual(['rachel', 'wrench']);
      expect(files.ownerOfKey(keys[0].replace(/\..*/, keys[1].replace(/^[^.]*/, '')))).toBeUndefined();
      expect(files.ownerOfKey(`${keys[0]}x`)).toBeUndefined();
      expect(files.ownerOfKey('')).toBeUndefined();
    }
    await one.files.remove('rachel');
    expect(one.files.ownerOfKey(keys[0])).toBeUndefined();
    expect(one.files.ownerOfKey(keys[1])).toBe('wrench');
  });
});

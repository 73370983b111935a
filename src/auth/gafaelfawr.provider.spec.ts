import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { someSettings } from '../../test/gen/settings.gen.js';
import { startStub } from '../../test/support/stub-server.js';
import type { StubAnswer, StubServer } from '../../test/support/stub-server.js';
import { until } from '../../test/support/until.js';
import { AppSettings, Secret } from '../config/index.js';
import { DiscoveryClient } from '../discovery/index.js';
import type { Role } from '../http/index.js';
import { GafaelfawrClient } from './gafaelfawr.client.js';
import { GafaelfawrProvider } from './gafaelfawr.provider.js';
import { NOBODY } from './identity.js';

const RACHEL = {
  username: 'rachel',
  name: 'Rachel (?)',
  email: 'r@example.org',
  uid: 1101,
  gid: 1101,
  groups: [
    { name: 'rachel', id: 1101 },
    { name: 'g_admins', id: 2000 },
  ],
  quota: { api: { x: 1 }, notebook: { cpu: 0.29, memory: 27.5, spawn: true } },
};
const AS_RACHEL = { 'x-auth-request-user': 'rachel', 'x-auth-request-token': 'token-of-rachel' };

describe('GafaelfawrProvider', () => {
  let stub: StubServer;
  let clock: FakeClock;
  let answer: (token: string) => StubAnswer | Promise<StubAnswer>;

  beforeEach(async () => {
    answer = () => ({ body: RACHEL });
    clock = new FakeClock();
    stub = await startStub((request) => {
      if (request.url === '/repertoire/discovery') {
        return {
          body: {
            services: {
              internal: { gafaelfawr: { url: 'x', versions: { v1: { url: `${stub.url}/auth/` } } } },
            },
          },
        };
      }
      return answer(request.headers.authorization ?? '');
    });
  });

  afterEach(() => stub.close());

  const provider = (auth: object = {}): GafaelfawrProvider => {
    const env = { REPERTOIRE_BASE_URL: `${stub.url}/repertoire`, PROXY_SECRET: 'open sesame' };
    const settings = new AppSettings(someSettings({ berth: { auth } }, env));
    const discovery = new DiscoveryClient(settings, clock, new MemoryLog());
    return new GafaelfawrProvider(settings, clock, new GafaelfawrClient(settings, clock, discovery));
  };
  const recognise = (
    subject: GafaelfawrProvider,
    headers: IncomingHttpHeaders,
    role: Role = 'user',
    peer = '10.0.0.1',
  ) =>
    subject.recognise(
      { headers, peer },
      { roles: [role], ...(role === 'user' ? { check: 'full' as const } : {}) },
    );

  it('describes the caller by user-info, found through discovery', async () => {
    const subject = provider();

    const { user, token } = await subject.describe(await recognise(subject, AS_RACHEL));

    expect(user).toEqual({
      username: 'rachel',
      name: 'Rachel (?)',
      uid: 1101,
      gid: 1101,
      groups: RACHEL.groups,
      quota: { cpu: 290, memory: Math.trunc(27.5 * 2 ** 30), spawn: true },
    });
    expect(token.reveal()).toBe('token-of-rachel');
    expect(stub.seen).toEqual(['GET /repertoire/discovery', 'GET /auth/user-info']);
  });

  it('guesses nothing that user-info does not say', async () => {
    answer = () => ({ body: { username: 'rachel' } });
    const subject = provider({ gafaelfawrUrl: stub.url });

    const { user } = await subject.describe(await recognise(subject, AS_RACHEL));

    expect(user).toEqual({
      username: 'rachel',
      name: null,
      uid: undefined,
      gid: undefined,
      groups: [],
      quota: undefined,
    });
  });

  it('asks once for many who come at the same time, and again after five minutes', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, AS_RACHEL);

    await Promise.all(Array.from({ length: 20 }, () => subject.describe(caller)));
    await clock.advance(299_000);
    await subject.describe(caller);
    expect(stub.seen).toHaveLength(1);

    await clock.advance(2_000);
    await subject.describe(caller);
    expect(stub.seen).toHaveLength(2);
  });

  it('remembers a thousand tokens and forgets the oldest', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const withToken = async (token: string) => {
      await subject.describe(await recognise(subject, { ...AS_RACHEL, 'x-auth-request-token': token }));
    };
    for (let number = 0; number <= 1_000; number += 1) await withToken(`token-${number}`);
    expect(stub.seen).toHaveLength(1_001);

    await withToken('token-1');
    expect(stub.seen).toHaveLength(1_001);
    await withToken('token-0');
    expect(stub.seen).toHaveLength(1_002);
  });

  it.each([
    [401, 401, 'invalid_token'],
    [403, 401, 'invalid_token'],
    [500, 503, 'identity_unavailable'],
    [404, 503, 'identity_unavailable'],
  ])('takes a %i of user-info for %i %s, and asks again next time', async (status, mapped, code) => {
    answer = () => ({ status });
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, AS_RACHEL);

    await expect(subject.describe(caller)).rejects.toMatchObject({ status: mapped, code });
    answer = () => ({ body: RACHEL });
    await expect(subject.describe(caller)).resolves.toBeDefined();
  });

  it.each([
    ['no JSON object', []],
    ['no username', { uid: 1 }],
    ['a uid that is no number', { username: 'rachel', uid: '0' }],
  ])('does not use an answer with %s', async (_what, body) => {
    answer = () => ({ body });
    const subject = provider({ gafaelfawrUrl: stub.url });

    await expect(subject.describe(await recognise(subject, AS_RACHEL))).rejects.toMatchObject({
      status: 503,
    });
  });

  it('says 503 when nobody listens', async () => {
    const subject = provider({ gafaelfawrUrl: 'http://127.0.0.1:9' });

    await expect(subject.describe(await recognise(subject, AS_RACHEL))).rejects.toMatchObject({
      status: 503,
    });
  });

  it('says 503 when user-info does not come to an end, and asks again next time', async () => {
    answer = () => new Promise<StubAnswer>(() => undefined);
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, AS_RACHEL);
    const asking = subject.describe(caller).catch((error: unknown) => error);
    await until(() => stub.seen.length === 1, 'user-info is asked');

    await clock.advance(20_000);

    expect(await asking).toMatchObject({ status: 503, code: 'identity_unavailable' });
    answer = () => ({ body: RACHEL });
    await expect(subject.describe(caller)).resolves.toBeDefined();
  });

  it('refuses a token that is somebody else’s', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, { ...AS_RACHEL, 'x-auth-request-user': 'wrench' });

    await expect(subject.describe(caller)).rejects.toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('names the headers that are missing, both at once', async () => {
    const subject = provider();

    const missing = (name: string) => ({
      type: 'missing',
      loc: ['header', name],
      msg: 'Field required',
      input: null,
    });

    for (const headers of [{}, { 'x-auth-request-user': '' }]) {
      await expect(recognise(subject, headers)).rejects.toMatchObject({
        status: 422,
        details: [missing('x-auth-request-user'), missing('x-auth-request-token')],
      });
    }
    const withoutToken = await recognise(subject, { 'x-auth-request-user': 'rachel' });
    await expect(subject.describe(withoutToken)).rejects.toMatchObject({
      details: [missing('x-auth-request-token')],
    });
  });

  it('leaves hubs and admins to the ingress, and says so, until the configuration names some', async () => {
    const open = provider();
    const log = new MemoryLog();
    open.announce(log);

    expect((await recognise(open, {}, 'hub')).roles).toContain('hub');
    expect((await recognise(open, {}, 'admin')).roles).toContain('admin');
    expect((await recognise(open, AS_RACHEL, 'hub')).actsForOthers).toBe(false);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the ingress decides who is a hub',
      'the ingress decides who is an admin',
      'user headers are believed from every address',
    ]);
  });

  it('knows named hubs and admins', async () => {
    const named = provider({ hubUsers: ['bot-jupyterhub'], adminUsers: ['root'], gafaelfawrUrl: stub.url });
    const hub = await recognise(named, { 'x-auth-request-user': 'bot-jupyterhub' }, 'hub');

    expect(hub).toMatchObject({ actsForOthers: true });
    expect(hub.roles).toContain('hub');
    expect((await recognise(named, AS_RACHEL, 'hub')).roles).not.toContain('hub');
    expect((await recognise(named, { 'x-auth-request-user': 'root' }, 'admin')).roles).toContain('admin');
    expect((await recognise(named, AS_RACHEL, 'admin')).roles).not.toContain('admin');
    await expect(recognise(named, {}, 'hub')).rejects.toMatchObject({ status: 422 });
  });

  it('knows admins by their groups, from the token and not from a header', async () => {
    const named = provider({ adminGroups: ['g_admins'], gafaelfawrUrl: stub.url });
    const withoutToken = { 'x-auth-request-user': 'rachel', 'x-auth-request-groups': 'g_admins' };

    expect((await recognise(named, AS_RACHEL, 'admin')).roles).toContain('admin');
    expect((await recognise(named, withoutToken, 'admin')).roles).not.toContain('admin');
  });

  it('believes headers only from the proxy, where the configuration says how to know it', async () => {
    const bySecret = provider({ proxySecret: { env: 'PROXY_SECRET' } });
    const byAddress = provider({ trustedProxies: ['10.42.0.0/16', 'fd00::/8'] });
    const secret = { 'x-berth-proxy-secret': 'open sesame' };

    await expect(recognise(bySecret, AS_RACHEL)).rejects.toMatchObject({ status: 403 });
    await expect(recognise(bySecret, { ...AS_RACHEL, 'x-berth-proxy-secret': 'open' })).rejects.toMatchObject(
      { status: 403 },
    );
    expect((await recognise(bySecret, { ...AS_RACHEL, ...secret })).username).toBe('rachel');
    for (const peer of ['10.42.7.7', '::ffff:10.42.7.7', 'fd12::1']) {
      expect((await recognise(byAddress, AS_RACHEL, 'user', peer)).username).toBe('rachel');
    }
    for (const peer of ['10.43.0.1', '::ffff:10.43.0.1', '2001:db8::1', '']) {
      await expect(recognise(byAddress, AS_RACHEL, 'user', peer)).rejects.toMatchObject({ status: 403 });
    }
  });

  it('describes a user whom a hub names by that user’s token only', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const token = new Secret('token-of-rachel');

    expect((await subject.describeNamed({ username: 'rachel', token })).user.uid).toBe(1101);
    await expect(subject.describeNamed({ username: 'wrench', token })).rejects.toMatchObject({ status: 403 });
    await expect(subject.describeNamed({ username: 'rachel', token: undefined })).rejects.toMatchObject({
      status: 422,
    });
  });

  it.each(['gt-abc\n.def', 'gt-\u2028abc.def', 'gt-abcé', ' '])(
    'takes what no header can carry for no token, and asks nobody (%j)',
    async (text) => {
      const subject = provider({ gafaelfawrUrl: stub.url });

      const asked = subject.describeNamed({ username: 'rachel', token: new Secret(text) });

      await expect(asked).rejects.toMatchObject({ status: 401, code: 'invalid_token' });
      expect(stub.seen).toEqual([]);
    },
  );

  it('says where a hub’s request has the token that is refused', async () => {
    answer = () => ({ status: 401 });
    const subject = provider({ gafaelfawrUrl: stub.url });

    const asked = subject.describeNamed({ username: 'rachel', token: new Secret('stolen') });

    await expect(asked).rejects.toMatchObject({ status: 401, location: ['body', 'user', 'token'] });
  });

  it('says a user’s number by their own credential alone', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, AS_RACHEL);

    expect(await subject.uidOf(caller)).toBe(1101);
    expect(await subject.uidOf({ ...caller, token: undefined })).toBeUndefined();
    await expect(subject.uidOf({ ...caller, username: 'wrench' })).rejects.toMatchObject({ status: 403 });
    answer = () => ({ status: 401 });
    const stolen = subject.uidOf({ ...caller, token: new Secret('stolen') });
    await expect(stolen).rejects.toMatchObject({ status: 401, code: 'invalid_token' });
  });

  it('tells a user without a number from one whose number nobody said', async () => {
    const subject = provider({ gafaelfawrUrl: stub.url });
    const caller = await recognise(subject, AS_RACHEL);

    answer = () => ({ status: 500 });
    expect(await subject.uidOf(caller)).toBeUndefined();
    answer = () => ({ body: { username: 'rachel', name: 'Another Rachel' } });
    expect(await subject.uidOf(caller)).toBe(NOBODY);
  });

  it('waits two seconds for a user’s number, no longer', async () => {
    answer = () => new Promise<StubAnswer>(() => undefined);
    const subject = provider({ gafaelfawrUrl: stub.url });

    const asked = subject.uidOf(await recognise(subject, AS_RACHEL));
    await until(() => stub.seen.length === 1, 'the provider is asked');
    await clock.advance(2_000);

    expect(await asked).toBeUndefined();
  });
});

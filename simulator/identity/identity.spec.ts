import { createServer } from 'node:http';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, shut } from '../loopback.js';
import type { Identity } from './index.js';
import { startIdentity } from './index.js';

describe('startIdentity', () => {
  let identity: Identity;

  beforeAll(async () => {
    identity = await startIdentity({ controllerUrl: 'http://berth.test/nublado' });
  });

  afterAll(async () => {
    await identity.close();
  });

  const userInfo = async (token: string): Promise<[number, unknown]> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await request(`${identity.url}/auth/api/v1/user-info`, { headers });
    return [answer.statusCode, await answer.body.json()];
  };

  it('says who a token belongs to', async () => {
    expect(await userInfo('rachel-token')).toMatchObject([
      200,
      { username: 'rachel', uid: 1101, groups: [{ name: 'rachel', id: 1101 }, { name: 'lab-users' }] },
    ]);
  });

  it('knows the odd ones: without a number, not allowed to spawn, with a colon and a line break in the name', async () => {
    const [, nouid] = await userInfo('nouid-token');
    const [, grounded] = await userInfo('grounded-token');
    const [, colon] = await userInfo('colon-token');

    expect(nouid).not.toHaveProperty('uid');
    expect(grounded).toMatchObject({ quota: { notebook: { spawn: false } } });
    expect(colon).toMatchObject({ name: expect.stringMatching(/:.*\n/) as string });
  });

  it('refuses a token that nobody has', async () => {
    expect((await userInfo('stolen'))[0]).toBe(401);
  });

  it('publishes where the services are, with a version for Gafaelfawr', async () => {
    const answer = await request(`${identity.repertoireUrl}/discovery`);

    expect(await answer.body.json()).toMatchObject({
      services: {
        internal: {
          gafaelfawr: { versions: { v1: { url: `${identity.url}/auth/api/v1` } } },
          'nublado-controller': { url: 'http://berth.test/nublado' },
        },
      },
    });
  });

  it('puts itself in front of an upstream: names the user, drops forged headers, streams without buffering', async () => {
    const seen: unknown[] = [];
    let finish: (() => void) | undefined;
    const upstream = createServer((incoming, response) => {
      const { 'x-auth-request-user': user, 'x-auth-request-token': token } = incoming.headers;
      seen.push([user, token, incoming.headers.authorization]);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      finish = () => response.end('data: two\n\n');
    });
    const port = await listen(upstream, 0);
    const ingress = await identity.ingress(`http://127.0.0.1:${port}`);

    const refused = await request(ingress.url);
    const headers = { authorization: 'Bearer vera-token', 'x-auth-request-user': 'rachel' };
    const answer = await request(`${ingress.url}/stream`, { headers });
    const chunks: string[] = [];
    for await (const chunk of answer.body) {
      chunks.push(String(chunk));
      finish?.();
    }
    await shut(upstream);

    expect(refused.statusCode).toBe(401);
    expect(seen).toEqual([['vera', 'vera-token', undefined]]);
    expect(chunks).toEqual(['data: one\n\n', 'data: two\n\n']);
  });
});

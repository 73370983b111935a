import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { Registry, RegistryOptions } from './index.js';
import { startRegistry } from './index.js';

interface TagList {
  name: string;
  tags: string[];
}

describe('startRegistry', () => {
  let registry: Registry | undefined;

  const start = async (options: RegistryOptions = {}): Promise<Registry> => {
    registry = await startRegistry(options);
    return registry;
  };

  afterEach(async () => {
    await registry?.close();
    registry = undefined;
  });

  it('lists its tags page by page, with a link to the next', async () => {
    const { url, tags } = await start();
    const found: string[] = [];

    let next: string | undefined = '/v2/berth/lab/tags/list?n=5';
    while (next !== undefined) {
      const answer: Dispatcher.ResponseData = await request(url + next);
      found.push(...((await answer.body.json()) as TagList).tags);
      next = /<([^>]+)>; rel="next"/.exec(String(answer.headers.link ?? ''))?.[1];
    }

    expect(found).toEqual([...tags.keys()].sort());
    expect(found).toEqual(expect.arrayContaining(['recommended', 'w_2026_46', 'd_2026_11_20', 'r29_1_0']));
  });

  it('answers the digest of a tag, which an alias shares, and the manifest by that digest', async () => {
    const { url } = await start({ indexes: ['w_2026_45'] });
    const manifests = `${url}/v2/berth/lab/manifests`;

    const alias = await request(`${manifests}/recommended`, { method: 'HEAD' });
    const weekly = await request(`${manifests}/w_2026_46`, { method: 'HEAD' });
    const digest = String(alias.headers['docker-content-digest']);
    const whole = await request(`${manifests}/${digest}`);
    const index = await request(`${manifests}/w_2026_45`);
    await index.body.dump();

    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(weekly.headers['docker-content-digest']).toBe(digest);
    expect(whole.headers['content-type']).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect(await whole.body.json()).toMatchObject({ schemaVersion: 2 });
    expect(index.headers['content-type']).toBe('application/vnd.oci.image.index.v1+json');
  });

  it('says in the words of the specification what it does not know', async () => {
    const { url } = await start();

    const tag = await request(`${url}/v2/berth/lab/manifests/none`);
    const repository = await request(`${url}/v2/other/tags/list`);

    expect([tag.statusCode, await tag.body.json()]).toEqual([
      404,
      { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail: null }] },
    ]);
    expect([repository.statusCode, await repository.body.json()]).toMatchObject([
      404,
      { errors: [{ code: 'NAME_UNKNOWN' }] },
    ]);
  });

  it('challenges for a password', async () => {
    const { url } = await start({ auth: { kind: 'basic', username: 'berth', password: 'secret' } });
    const authorization = `Basic ${Buffer.from('berth:secret').toString('base64')}`;

    const refused = await request(`${url}/v2/`);
    const admitted = await request(`${url}/v2/`, { headers: { authorization } });

    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="Registry Realm"',
    ]);
    expect(admitted.statusCode).toBe(200);
  });

  it('gives tokens that end', async () => {
    const started = await start({ auth: { kind: 'bearer', username: 'berth', password: 'secret' } });
    const basic = `Basic ${Buffer.from('berth:secret').toString('base64')}`;
    const refused = await request(`${started.url}/v2/berth/lab/tags/list`);
    const challenge = String(refused.headers['www-authenticate']);
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? '';

    const issued = await request(realm, { headers: { authorization: basic } });
    const { token } = (await issued.body.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    const admitted = await request(`${started.url}/v2/`, { headers });
    started.expireTokens();
    const late = await request(`${started.url}/v2/`, { headers });

    expect(challenge).toContain('scope="repository:berth/lab:pull"');
    expect([refused.statusCode, admitted.statusCode, late.statusCode]).toEqual([401, 200, 401]);
  });

  it('fails as it is told to', async () => {
    const { url, faults } = await start();

    faults.tooMany = true;
    const tooMany = await request(`${url}/v2/`);
    faults.tooMany = false;
    faults.badJson = true;
    const bad = await request(`${url}/v2/berth/lab/tags/list`);
    faults.withoutManifest = ['w_2026_46'];
    const hollow = await request(`${url}/v2/berth/lab/manifests/w_2026_46`, { method: 'HEAD' });
    faults.down = true;

    expect([tooMany.statusCode, tooMany.headers['retry-after']]).toEqual([429, '1']);
    await expect(bad.body.json()).rejects.toThrow(SyntaxError);
    expect(hollow.statusCode).toBe(404);
    await expect(request(`${url}/v2/`)).rejects.toThrow();
  });

  it('resolves references to itself for the kubelets', async () => {
    const { host, tags, resolve } = await start();

    expect(resolve(`${host}/berth/lab:recommended`)).toBe(tags.get('recommended'));
    expect(resolve('elsewhere/berth/lab:recommended')).toBeUndefined();
  });
});

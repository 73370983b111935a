import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STRAIGHT } from '../../test/support/registry-network.js';
import { SystemClock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { GoogleClient } from './google.client.js';

/** Pauses between attempts pass at once and are noted; monotonic time moves only when the spec says so. */
class PauseClock extends SystemClock {
  readonly pauses: number[] = [];
  private time = 0;
  override monotonic() {
    return millis(this.time);
  }
  override after(delay: number, callback: () => void): () => void {
    if (delay !== 10_000) return super.after(millis(delay), callback);
    this.pauses.push(delay);
    return super.after(millis(0), callback);
  }
  skip(ms: number): void {
    this.time += ms;
  }
}

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const parent = '/v1/projects/proj/locations/us-central1/repositories/sciplat';
const image = (letter: string, tags: readonly string[], name = 'lab') => ({
  name: `${parent.slice(4)}/dockerImages/${name}@${digest(letter)}`,
  uri: `us-central1-docker.pkg.dev/proj/sciplat/${name}@${digest(letter)}`,
  tags,
  imageSizeBytes: '12345678901',
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
});

let server: Server;
let base: string;
let clock: PauseClock;
let client: GoogleClient | undefined;
let directory: string;
/** Answers of the API, page by page; a number is a status. */
let pages: (object | number)[];
let seen: string[];
let tokens: number;
let bodies: string[];
let tokenStatus: number;

beforeEach(async () => {
  [seen, bodies, tokens, tokenStatus, client] = [[], [], 0, 200, undefined];
  pages = [{ dockerImages: [image('1', ['w_2077_44', 'recommended'])] }];
  clock = new PauseClock();
  directory = await mkdtemp(join(tmpdir(), 'berth-google-'));
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await client?.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const TOKEN_PATHS = ['/computeMetadata/v1/instance/service-accounts/default/token', '/token'];

/** The documented API: metadata server, token endpoint, `dockerImages.list`, `packages.tags.get`. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', base);
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const [status, value] = TOKEN_PATHS.includes(url.pathname)
    ? giveToken(request, body)
    : answerApi(url, request.headers.authorization);
  response.writeHead(status).end(JSON.stringify(value));
}

function giveToken({ method, headers }: IncomingMessage, body: string): [number, object] {
  tokens += 1;
  bodies.push(body);
  const allowed = method === 'POST' || headers['metadata-flavor'] === 'Google';
  const token = { access_token: `ya29.${tokens}`, expires_in: 3599, token_type: 'Bearer' };
  return [allowed ? tokenStatus : 403, token];
}

function answerApi({ pathname, search }: URL, authorization: string | undefined): [number, object] {
  seen.push(pathname.replace(parent, '') + search);
  if (authorization !== `Bearer ya29.${tokens}`) return [401, { error: { code: 401 } }];
  if (pathname === `${parent}/packages/lab/tags/w_2077_44`)
    return [200, { name: 'n', version: `${parent}/packages/lab/versions/${digest('1')}` }];
  if (pathname !== `${parent}/dockerImages`) return [404, { error: { code: 404 } }];
  const page = pages.length > 1 ? pages.shift()! : pages[0]!;
  return typeof page === 'number' ? [page, {}] : [200, page];
}

function connect(credentialsPath?: string): GoogleClient {
  client = new GoogleClient(
    {
      source: {
        type: 'google',
        location: 'us-central1',
        projectId: 'proj',
        repository: 'sciplat',
        image: 'lab',
      },
      network: STRAIGHT,
      apiUrl: `${base}/`,
      metadataUrl: base,
      ...(credentialsPath !== undefined && { credentialsPath }),
    },
    clock,
  );
  return client;
}

describe('GoogleClient', () => {
  it('lists every tag of its image with digest and size, page by page, and leaves other images alone', async () => {
    pages = [
      {
        dockerImages: [image('1', ['w_2077_44', 'recommended']), image('2', ['w_1'], 'other')],
        nextPageToken: 'a/b',
      },
      {
        dockerImages: [
          image('3', ['w_2077_43', 'bad tag']),
          image('4', []),
          { uri: 'x/lab@sha256:short', tags: ['y'] },
        ],
      },
    ];

    const { names, images } = await connect().list();

    expect(names).toEqual(['w_2077_44', 'recommended', 'w_2077_43']);
    expect(images?.[2]).toEqual({ tag: 'w_2077_43', digest: digest('3'), sizeBytes: 12_345_678_901 });
    expect(seen).toEqual(['/dockerImages?pageSize=1000', '/dockerImages?pageSize=1000&pageToken=a%2Fb']);
    expect(tokens).toBe(1);
  });

  it('asks once more if the list is empty', async () => {
    pages = [{}, { dockerImages: [image('1', ['w_2077_44'])] }];

    await expect(connect().list()).resolves.toMatchObject({ names: ['w_2077_44'] });
  });

  it('tries an internal error again after ten seconds, three times', async () => {
    pages = [500, 503, 500, { dockerImages: [image('1', ['w_2077_44'])] }];
    await expect(connect().list()).resolves.toMatchObject({ names: ['w_2077_44'] });
    expect(clock.pauses).toEqual([10_000, 10_000, 10_000]);

    pages = [500];
    await expect(client!.list()).rejects.toMatchObject({ reason: 'registry_failing' });
  });

  it.each<[string, object | number, string]>([
    ['403', 403, 'registry_denied'],
    ['404', 404, 'repository_not_found'],
    ['a circle of pages', { nextPageToken: 'again' }, 'registry_answer_invalid'],
    ['images that are none', { dockerImages: [{ tags: 'x' }] }, 'registry_answer_invalid'],
  ])('gives up on %s', async (_case, page, reason) => {
    pages = [page];

    await expect(connect().list()).rejects.toMatchObject({ reason });
  });

  it('tells the digest of one tag', async () => {
    await expect(connect().digestOf('w_2077_44')).resolves.toBe(digest('1'));
    await expect(client!.digestOf('gone')).rejects.toMatchObject({ reason: 'tag_without_manifest' });
  });

  it('renews its token before it ends, and when the API refuses it', async () => {
    await connect().list();
    await client!.list();
    expect(tokens).toBe(1);

    clock.skip(3599 * 900 + 1);
    await client!.list();
    expect(tokens).toBe(2);

    tokens += 1;
    await Promise.all([client!.list(), client!.list()]);
    expect(tokens).toBe(4);
  });

  it.each([
    [403, 'registry_denied'],
    [429, 'registry_throttled'],
    [500, 'registry_failing'],
  ])('says why it has no token if the metadata server answers %i', async (status, reason) => {
    tokenStatus = status;

    await expect(connect().list()).rejects.toMatchObject({ reason });
  });

  it('signs for a token with the key of a service account, which it never tells', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const path = join(directory, 'key.json');
    const key = {
      type: 'service_account',
      client_email: 'berth@proj.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      private_key_id: 'key-1',
      token_uri: `${base}/token`,
    };
    await writeFile(path, JSON.stringify(key));

    await connect(path).list();

    const sent = new URLSearchParams(bodies[0]);
    const [header, claims, signature] = sent.get('assertion')!.split('.') as [string, string, string];
    expect(sent.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: 'key-1',
    });
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
    expect(read).toMatchObject({ iss: key.client_email, aud: key.token_uri });
    expect(read['exp']! - read['iat']!).toBe(3600);
    const check = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    expect(check.verify(publicKey, signature, 'base64url')).toBe(true);
  });

  it.each([
    ['is missing', undefined, 'cannot be read'],
    ['holds something else', '{"type": "authorized_user", "private_key": "hush"}', 'holds no key'],
    ['is no JSON', '{"private_key": "hush"', 'holds no key'],
    [
      'holds a damaged key',
      JSON.stringify({
        type: 'service_account',
        client_email: 'berth@proj.iam.gserviceaccount.com',
        private_key: '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n',
        token_uri: 'http://127.0.0.1:1/token',
      }),
      'cannot be used',
    ],
  ])('says so if the key file %s, without what is in it', async (_case, text, message) => {
    const path = join(directory, 'key.json');
    if (text !== undefined) await writeFile(path, text);

    const error: unknown = await connect(path)
      .list()
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      reason: 'registry_denied',
      message: expect.stringContaining(message) as string,
    });
    expect(String(error)).not.toContain('hush');
  });
});

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STRAIGHT } from '../../test/support/registry-network.js';
import { SystemClock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { RegistryClient } from './registry.client.js';
import type { CredentialStore } from './registry.credentials.js';
import { RegistryError } from './registry.error.js';

type Script = (request: IncomingMessage, response: ServerResponse) => void;

const digest = `sha256:${'a'.repeat(64)}`;
const basic = `Basic ${Buffer.from('rachel:secret-password').toString('base64')}`;

/** A clock that stands still until the spec moves it on. */
class SkippingClock extends SystemClock {
  private skipped = 0;
  override monotonic() {
    return millis(this.skipped);
  }
  skip(ms: number): void {
    this.skipped += ms;
  }
}

let server: Server;
let script: Script;
let host: string;
let seen: string[];
let client: RegistryClient | undefined;
let clock: SkippingClock;

beforeEach(async () => {
  seen = [];
  clock = new SkippingClock();
  server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    script(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await client?.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function connect(
  credentials?: { username: string; password: string },
  realmAllowList: string[] = [],
): RegistryClient {
  const store: CredentialStore = new Map(credentials ? [[host, credentials]] : []);
  client = new RegistryClient(
    {
      network: STRAIGHT,
      source: { registry: host, repository: 'sciplat/lab' },
      insecureRegistries: [],
      realmAllowList,
      credentials: () => Promise.resolve(store),
    },
    clock,
  );
  return client;
}

const rachel = { username: 'rachel', password: 'secret-password' };

function answer(
  response: ServerResponse,
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The error of a call that must fail. */
async function failure(call: Promise<unknown>): Promise<RegistryError> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RegistryError);
  return error as RegistryError;
}

describe('RegistryClient.listTags', () => {
  it('follows relative and absolute links and gives each tag once', async () => {
    script = (request, response) => {
      const page = new URL(request.url ?? '', `http://${host}`).searchParams.get('last');
      if (page === null) {
        answer(
          response,
          200,
          { tags: ['a', 'b'] },
          { link: '</v2/sciplat/lab/tags/list?last=b&n=2>; rel="next"' },
        );
      } else if (page === 'b') {
        answer(
          response,
          200,
          { tags: ['b', 'c'] },
          {
            link: `<http://${host}/v2/sciplat/lab/tags/list?last=c>; rel=next`,
          },
        );
      } else answer(response, 200, { tags: null });
    };

    await expect(connect().listTags()).resolves.toEqual(['a', 'b', 'c']);
    expect(seen).toEqual([
      'GET /v2/sciplat/lab/tags/list',
      'GET /v2/sciplat/lab/tags/list?last=b&n=2',
      'GET /v2/sciplat/lab/tags/list?last=c',
    ]);
  });

  it('leaves out tags that no reference could name', async () => {
    script = (_request, response) => answer(response, 200, { tags: ['w_2077_43', '../x', '', 'a b'] });

    await expect(connect().listTags()).resolves.toEqual(['w_2077_43']);
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    [
      'a page on another host',
      'registry_answer_invalid',
      (r) => answer(r, 200, { tags: [] }, { link: '<http://127.0.0.1:1/v2/x>; rel="next"' }),
    ],
    [
      'a circle of pages',
      'registry_answer_invalid',
      (r) => answer(r, 200, { tags: [] }, { link: '<list>; rel="next"' }),
    ],
    ['no JSON', 'registry_answer_invalid', (r) => answer(r, 200, '<html>')],
    ['JSON of another shape', 'registry_answer_invalid', (r) => answer(r, 200, { tags: [7] })],
    [
      'a redirect to another host',
      'registry_answer_invalid',
      (r) => answer(r, 302, '', { location: 'http://127.0.0.1:1/' }),
    ],
    ['a redirect without end', 'registry_answer_invalid', (r) => answer(r, 307, '', { location: 'list' })],
    ['an unexpected status', 'registry_answer_invalid', (r) => answer(r, 418)],
    ['404', 'repository_not_found', (r) => answer(r, 404)],
    ['403', 'registry_denied', (r) => answer(r, 403)],
    ['401 without a challenge', 'registry_denied', (r) => answer(r, 401)],
    [
      'an unknown challenge',
      'registry_denied',
      (r) => answer(r, 401, '', { 'www-authenticate': 'Negotiate' }),
    ],
    ['500', 'registry_failing', (r) => answer(r, 500)],
    ['429 for an hour', 'registry_throttled', (r) => answer(r, 429, '', { 'retry-after': '3600' })],
    ['429 for ever', 'registry_throttled', (r) => answer(r, 429, '', { 'retry-after': '0' })],
    ['a connection that always breaks', 'registry_unreachable', (r) => r.destroy()],
    [
      'a body without end',
      'registry_answer_too_large',
      (r) => {
        r.writeHead(200);
        const more = (): void => {
          while (!r.destroyed && r.write('x'.repeat(65_536)));
        };
        r.on('drain', more);
        more();
      },
    ],
  ])('calls %s %s', async (_case, reason, respond) => {
    script = (_request, response) => respond(response);

    const error = await failure(connect().listTags());

    expect(error.reason).toBe(reason);
    expect(error.code).toBe('registry_error');
    expect(error.url).toBe(`http://${host}/v2/sciplat/lab/tags/list`);
  });

  it('tells how long a busy registry wants to be left alone', async () => {
    script = (_request, response) => answer(response, 429, '', { 'retry-after': '3600' });

    const error = await failure(connect().listTags());

    expect(error.retryAfterMs).toBe(3_600_000);
    expect(seen).toHaveLength(1);
  });

  it('comes again when a busy registry asked for a short pause, and after a broken connection', async () => {
    const faults: Script[] = [
      (_request, response) => answer(response, 429, '', { 'retry-after': '0' }),
      (_request, response) => response.destroy(),
    ];
    script = (request, response) =>
      (faults.shift() ?? ((_, r) => answer(r, 200, { tags: ['a'] })))(request, response);

    await expect(connect().listTags()).resolves.toEqual(['a']);
    expect(seen).toHaveLength(3);
  });

  it('follows a redirect on the same host with its credentials', async () => {
    script = (request, response) => {
      if (request.headers.authorization !== basic)
        answer(response, 401, '', { 'www-authenticate': 'Basic realm="x"' });
      else if (request.url === '/elsewhere') answer(response, 200, { tags: ['a'] });
      else answer(response, 301, '', { location: '/elsewhere' });
    };

    await expect(connect(rachel).listTags()).resolves.toEqual(['a']);
  });

  it('is not sent again what the registry says has not changed', async () => {
    const statuses: number[] = [];
    script = (request, response) => {
      const [page, next] = request.url?.endsWith('list') ? ['1', '2'] : ['2', undefined];
      const link = next === undefined ? {} : { link: `<list?last=${next}>; rel="next"` };
      const status = request.headers['if-none-match'] === `"${page}"` ? 304 : 200;
      statuses.push(status);
      const body = status === 200 ? { tags: [`tag_${page}`] } : '';
      answer(response, status, body, { ...link, etag: `"${page}"` });
    };
    const registry = connect();

    await expect(registry.listTags()).resolves.toEqual(['tag_1', 'tag_2']);
    await expect(registry.listTags()).resolves.toEqual(['tag_1', 'tag_2']);

    expect(statuses).toEqual([200, 200, 304, 304]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    script = () => stop.abort();

    expect((await failure(connect().listTags(stop.signal))).reason).toBe('registry_unreachable');
  });

  it('gives up on a registry that does not answer', async () => {
    const impatient = new (class extends SkippingClock {
      override after(_delay: number, callback: () => void): () => void {
        return super.after(millis(20), callback);
      }
    })();
    clock = impatient;
    script = () => undefined;

    expect((await failure(connect().listTags())).reason).toBe('registry_timeout');
  });

  it('names a host where nobody listens', async () => {
    await new Promise((resolve) => server.close(resolve));

    const error = await failure(connect().listTags());

    expect(error.reason).toBe('registry_unreachable');
    expect(error.status).toBeUndefined();
    expect(error.message).toContain(host);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
});

describe('RegistryClient.digestOf', () => {
  it('asks for lists and indexes too, lest the registry picks an architecture', async () => {
    let accept = '';
    script = (request, response) => {
      accept = request.headers.accept ?? '';
      answer(response, 200, '', { 'docker-content-digest': digest });
    };

    await expect(connect().digestOf('w_2077_43')).resolves.toBe(digest);
    expect(seen).toEqual(['HEAD /v2/sciplat/lab/manifests/w_2077_43']);
    expect(accept).toContain('application/vnd.docker.distribution.manifest.list.v2+json');
    expect(accept).toContain('application/vnd.oci.image.index.v1+json');
  });

  it.each([
    [200, {}],
    [200, { 'docker-content-digest': 'nonsense' }],
    [405, {}],
  ])('hashes the manifest where HEAD answers %i with %j', async (status, headers) => {
    const manifest = '{"schemaVersion": 2}';
    script = (request, response) =>
      request.method === 'HEAD' ? answer(response, status, '', headers) : answer(response, 200, manifest);

    const hash = createHash('sha256').update(manifest).digest('hex');
    await expect(connect().digestOf('a')).resolves.toBe(`sha256:${hash}`);
  });

  it('tells a tag that is gone from a registry that fails', async () => {
    script = (_request, response) => answer(response, 404);
    expect((await failure(connect().digestOf('a'))).reason).toBe('tag_without_manifest');

    script = (_request, response) => answer(response, 502);
    expect((await failure(client!.digestOf('a'))).reason).toBe('registry_failing');
  });
});

describe('RegistryClient authentication', () => {
  it('answers a Basic challenge once and remembers it', async () => {
    script = (request, response) =>
      request.headers.authorization === basic
        ? answer(response, 200, '', { 'docker-content-digest': digest })
        : answer(response, 401, '', { 'www-authenticate': 'Basic realm="x"' });

    const registry = connect(rachel);
    await registry.digestOf('a');
    await registry.digestOf('b');

    expect(seen).toHaveLength(3);
  });

  it('gives up when the registry rejects the credentials, and names neither user nor password', async () => {
    script = (_request, response) =>
      answer(response, 401, 'rachel', { 'www-authenticate': 'Basic realm="x"' });

    for (const error of [await failure(connect(rachel).listTags()), await failure(client!.listTags())]) {
      expect(error.reason).toBe('registry_denied');
      expect(JSON.stringify([error, error.message, error.stack])).not.toMatch(
        /rachel|secret-password|cmFjaGVs/,
      );
    }
  });

  it('shows credentials to no token service that nobody allowed', async () => {
    script = (_request, response) =>
      answer(response, 401, '', {
        'www-authenticate': 'Bearer realm="https://evil.example.org/token?a=1",service="x"',
      });

    const error = await failure(connect(rachel).listTags());

    expect(error.reason).toBe('registry_realm_refused');
    expect(error.url).toBe('https://evil.example.org/token');
    expect(seen).toHaveLength(1);
  });
});

describe('RegistryClient with tokens', () => {
  let issued: number;
  let valid: ReadonlySet<string>;
  let tokenAnswer: (token: string) => unknown;
  let tokenRequests: { authorization: string | undefined; query: Record<string, string> }[];

  beforeEach(() => {
    issued = 0;
    tokenRequests = [];
    tokenAnswer = (token) => ({ token, expires_in: 300 });
    script = (request, response) => {
      const url = new URL(request.url ?? '', `http://${host}`);
      const { authorization } = request.headers;
      if (url.pathname === '/token') {
        tokenRequests.push({ authorization, query: Object.fromEntries(url.searchParams) });
        valid = new Set([`Bearer t${(issued += 1)}`]);
        answer(response, 200, tokenAnswer(`t${issued}`));
      } else if (valid.has(authorization ?? ''))
        answer(response, 200, '', { 'docker-content-digest': digest });
      else {
        const challenge = `Bearer realm="http://${host}/token",service="the registry",scope="repository:sciplat/lab:pull,x"`;
        answer(response, 401, '', { 'www-authenticate': challenge });
      }
    };
    valid = new Set();
  });

  it('gets an anonymous token where there are no credentials', async () => {
    await expect(connect().digestOf('a')).resolves.toBe(digest);

    expect(tokenRequests).toEqual([
      {
        authorization: undefined,
        query: { service: 'the registry', scope: 'repository:sciplat/lab:pull,x' },
      },
    ]);
  });

  it('shows its credentials to the token service only', async () => {
    await connect(rachel).digestOf('a');
    await client!.digestOf('b');

    expect(tokenRequests.map(({ authorization }) => authorization)).toEqual([basic]);
  });

  it('reads a token under its other name, which lives a minute if nobody says more', async () => {
    tokenAnswer = (token) => ({ access_token: token });
    await connect().digestOf('a');
    clock.skip(53_000);
    await client!.digestOf('b');
    expect(issued).toBe(1);

    clock.skip(2_000);
    await client!.digestOf('c');

    expect(issued).toBe(2);
  });

  it('renews a token before it ends, lest a call is under way when it does', async () => {
    await connect().digestOf('a');
    clock.skip(299_000);
    seen = [];

    await client!.digestOf('b');

    expect(issued).toBe(2);
    expect(seen.map((line) => line.replace(/\?.*/, ''))).toEqual([
      'HEAD /v2/sciplat/lab/manifests/b',
      'GET /token',
      'HEAD /v2/sciplat/lab/manifests/b',
    ]);
  });

  it('gets one new token for many calls that are refused at once', async () => {
    await connect().digestOf('a');
    valid = new Set();

    const tags = Array.from({ length: 12 }, (_, index) => `tag${index}`);
    await expect(Promise.all(tags.map((tag) => client!.digestOf(tag)))).resolves.toHaveLength(12);

    expect(issued).toBe(2);
  });

  it.each<[string, unknown]>([
    ['no token', {}],
    ['a token that no header can hold', { token: 'a\r\nb' }],
    ['a negative lifetime', { token: 'a', expires_in: -1 }],
    ['no object', 'x'],
  ])('calls %s invalid', async (_case, body) => {
    tokenAnswer = () => body;

    expect((await failure(connect().digestOf('a'))).reason).toBe('registry_answer_invalid');
  });

  it('gives up when even a new token is refused', async () => {
    tokenAnswer = () => ({ token: 'other' });

    expect((await failure(connect().digestOf('a'))).reason).toBe('registry_denied');
    expect(issued).toBe(1);
  });
});

import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STRAIGHT } from '../../test/support/registry-network.js';
import { SystemClock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { GoogleClient } from './google.client.js';
import type { ImageRegistry } from './image-registry.js';
import { isPullableDigest, isTag } from './image-reference.js';
import { RegistryClient } from './registry.client.js';
import { RegistryError } from './registry.error.js';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

let answer: Answer;
let server: Server;
let clients: readonly ImageRegistry[];

/** Pauses pass at once. */
class HastyClock extends SystemClock {
  override after(delay: number, callback: () => void): () => void {
    return super.after(millis(delay > 15_000 ? delay : 0), callback);
  }
}

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith('/computeMetadata')) {
      response.end('{"access_token": "x", "expires_in": 3600}');
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${registry}`;
  const credentials = () => Promise.resolve(new Map([[registry, { username: 'rachel', password: 'hush' }]]));
  const docker = { registry, repository: 'lab' };
  const google = { type: 'google', location: 'l', projectId: 'p', repository: 'r', image: 'lab' } as const;
  clients = [
    new RegistryClient(
      { source: docker, network: STRAIGHT, insecureRegistries: [], realmAllowList: [], credentials },
      new HastyClock(),
    ),
    new GoogleClient({ source: google, network: STRAIGHT, apiUrl: url, metadataUrl: url }, new HastyClock()),
  ];
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.onApplicationShutdown()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const header = fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?'));
const tags = fc.array(fc.oneof(fc.string(), fc.constantFrom('w_2077_44', 'recommended', 'r21_0_1')));
const dockerImages = fc.array(
  fc.record({
    uri: fc.oneof(fc.string(), fc.constant(`x/lab@sha256:${'a'.repeat(64)}`)),
    tags,
    imageSizeBytes: fc.oneof(fc.nat().map(String), fc.string()),
  }),
);
const body = fc.oneof(
  fc.string(),
  fc.json(),
  tags.map((some) => JSON.stringify({ tags: some })),
  dockerImages.map((some) => JSON.stringify({ dockerImages: some })),
);
const answers: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 204, 302, 304, 400, 401, 403, 404, 418, 500),
  body,
  headers: fc.dictionary(
    fc.constantFrom('link', 'www-authenticate', 'docker-content-digest', 'location', 'etag', 'content-type'),
    fc.oneof(header, fc.constantFrom(`sha256:${'b'.repeat(64)}`, '<list?x>; rel="next"', 'Basic realm="x"')),
  ),
});

describe('whatever a registry answers', () => {
  it('is a list of tags that references can name, or a typed error that keeps our secrets', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        answer = given;
        for (const client of clients) {
          const listed = await client.list().catch((error: unknown) => error);
          if (listed instanceof Error) {
            expect(listed).toBeInstanceOf(RegistryError);
            expect(JSON.stringify(listed) + String(listed)).not.toContain('hush');
          } else {
            const { names, images } = listed as Awaited<ReturnType<ImageRegistry['list']>>;
            expect(names.every(isTag)).toBe(true);
            expect((images ?? []).every(({ digest }) => isPullableDigest(digest))).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is a digest that a node can pull, or a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        answer = given;
        for (const client of clients) {
          const digest = await client.digestOf('w_2077_44').catch((error: unknown) => error);
          if (typeof digest === 'string') expect(isPullableDigest(digest)).toBe(true);
          else expect(digest).toBeInstanceOf(RegistryError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

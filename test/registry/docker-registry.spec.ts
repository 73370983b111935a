import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/common/clock.js';
import { millis } from '../../src/common/units.js';
import { RegistryClient } from '../../src/images/registry.client.js';
import { PULLER, registryAnswers } from '../cluster/harness/node/registry.js';
import { freePorts } from '../../simulator/free-ports.js';
import { selfSigned } from '../support/certificate.js';
import { STRAIGHT } from '../support/registry-network.js';
import { until } from '../support/until.js';

/** Debian's; CI names it, so that there its absence is a failure and not a skip. */
const PROGRAM = process.env['BERTH_DOCKER_REGISTRY'] ?? '/usr/bin/docker-registry';
const isRequired = process.env['BERTH_DOCKER_REGISTRY'] !== undefined;

const [user = '', password = ''] = PULLER.credentials.split(':');
const sha256 = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** One storage, three doors: open to push, by password, by token. */
const processes: ChildProcess[] = [];
let directory: string;
let open: string;
let byPassword: string;
let byToken: string;
let tokens: TokenServer;
let digests: { readonly one: string; readonly index: string };

async function serve(port: number, auth: object | undefined): Promise<string> {
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    ...(auth && { auth }),
  };
  const file = join(directory, `${port}.yml`);
  await writeFile(file, JSON.stringify(config));
  processes.push(spawn(PROGRAM, ['serve', file], { stdio: 'ignore', env: {} }));
  await registryAnswers(port);
  return `127.0.0.1:${port}`;
}

async function put(path: string, type: string, content: string): Promise<string> {
  const headers = { 'content-type': type };
  const answer = await request(new URL(path, `http://${open}/v2/lab/`), {
    method: 'PUT',
    headers,
    body: content,
  });
  await answer.body.dump();
  expect(answer.statusCode).toBe(201);
  return sha256(content);
}

/** One image under two tags, and an index over it under a third. */
async function fill(): Promise<typeof digests> {
  const upload = await request(`http://${open}/v2/lab/blobs/uploads/`, { method: 'POST' });
  await upload.body.dump();
  const config = '{}';
  const target = new URL(String(upload.headers.location), `http://${open}`);
  target.searchParams.set('digest', sha256(config));
  await put(target.href, 'application/octet-stream', config);
  const part = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: 2 };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: part, layers: [] });
  const one = await put('manifests/w_2077_44', OCI_MANIFEST, manifest);
  await put('manifests/recommended', OCI_MANIFEST, manifest);
  const platform = { architecture: 'amd64', os: 'linux' };
  const child = { mediaType: OCI_MANIFEST, digest: one, size: manifest.length, platform };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] });
  return { one, index: await put('manifests/w_2077_43', OCI_INDEX, index) };
}

/** Docker's token protocol: whoever knows the password gets a signed token for what they ask for. */
class TokenServer {
  readonly issuer = 'berth-spec';
  readonly service = 'registry-of-berth';
  readonly certified = selfSigned('token server');
  readonly asked: { readonly scope: string | null; readonly authorization: string | undefined }[] = [];
  lifetimeS = 300;
  private readonly server: Server = createServer((question, answer) => this.answer(question, answer));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(question: IncomingMessage, answer: ServerResponse): void {
    const { searchParams } = new URL(question.url ?? '', 'http://x');
    const scope = searchParams.get('scope');
    const { authorization } = question.headers;
    this.asked.push({ scope, authorization });
    const known = authorization === `Basic ${Buffer.from(PULLER.credentials).toString('base64')}`;
    const body = { token: this.token(known ? (scope ?? '') : ''), expires_in: this.lifetimeS };
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private token(scope: string): string {
    const { cert, key } = this.certified;
    const der = cert.replace(/-----[^-]+-----|\s/g, '');
    const now = Math.floor(new SystemClock().now() / 1000);
    const [type, name, actions] = scope.split(':');
    const header = { typ: 'JWT', alg: 'ES256', x5c: [der] };
    const claims = {
      iss: this.issuer,
      sub: user,
      aud: this.service,
      exp: now + this.lifetimeS,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access: name ? [{ type, name, actions: actions?.split(',') }] : [],
    };
    const signed = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const secret = { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' } as const;
    return `${signed}.${sign('sha256', Buffer.from(signed), secret).toString('base64url')}`;
  }
}

/** Our own clock, as far as spans go; the registry has the machine's. */
class LaterClock extends SystemClock {
  elapsed = 0;
  override monotonic() {
    return millis(super.monotonic() + this.elapsed);
  }
}

const clients: RegistryClient[] = [];
function client(
  registry: string,
  realmAllowList: readonly string[],
  { secret = password, clock = new SystemClock() } = {},
): RegistryClient {
  const credentials = () => Promise.resolve(new Map([[registry, { username: user, password: secret }]]));
  const source = { registry, repository: 'lab' };
  const settings = { source, network: STRAIGHT, insecureRegistries: [], realmAllowList, credentials };
  const made = new RegistryClient(settings, clock);
  clients.push(made);
  return made;
}

describe.skipIf(!isRequired && !existsSync(PROGRAM))('a real docker-registry', () => {
  let realm: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-docker-registry-'));
    const [first = 0, second = 0, third = 0] = await freePorts(3);
    open = await serve(first, undefined);
    digests = await fill();
    const path = join(directory, 'htpasswd');
    await writeFile(path, PULLER.line);
    byPassword = await serve(second, { htpasswd: { realm: 'science', path } });
    tokens = new TokenServer();
    realm = await tokens.start();
    const rootcertbundle = join(directory, 'token.pem');
    await writeFile(rootcertbundle, tokens.certified.cert);
    const { issuer, service } = tokens;
    byToken = await serve(third, {
      token: { realm: `http://${realm}/token`, service, issuer, rootcertbundle },
    });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(clients.map((one) => one.onApplicationShutdown()));
    await tokens.close();
    for (const one of processes) one.kill('SIGKILL');
    await until(() =>
      processes.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
    );
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ['anonymously', () => open],
    ['by password', () => byPassword],
    ['by token', () => byToken],
  ])('tells tags and digests, of an image and of an index, %s', async (_how, registry) => {
    const images = client(registry(), [realm]);

    expect([...(await images.listTags())].sort()).toEqual(['recommended', 'w_2077_43', 'w_2077_44']);
    expect(await images.digestOf('w_2077_44')).toBe(digests.one);
    expect(await images.digestOf('recommended')).toBe(digests.one);
    expect(await images.digestOf('w_2077_43')).toBe(digests.index);
    await expect(images.digestOf('gone')).rejects.toMatchObject({ reason: 'tag_without_manifest' });
  });

  it('asks for a token of just the scope that is needed, once while it is good', async () => {
    tokens.asked.length = 0;
    const images = client(byToken, [realm]);

    await images.listTags();
    await Promise.all([images.digestOf('w_2077_44'), images.digestOf('w_2077_43')]);

    expect(tokens.asked).toEqual([
      { scope: 'repository:lab:pull', authorization: expect.stringMatching(/^Basic /) as string },
    ]);
  });

  it('renews a token that has ended', async () => {
    tokens.lifetimeS = 1;
    tokens.asked.length = 0;
    const clock = new LaterClock();
    const images = client(byToken, [realm], { clock });
    await images.listTags();
    clock.elapsed = 1_000;

    await expect(images.listTags()).resolves.toHaveLength(3);

    expect(tokens.asked).toHaveLength(2);
    tokens.lifetimeS = 300;
  });

  /**
   * @promise nobody gets in
   * @fault a registry sends us to a token server that nobody allowed
   * @outcome the password is not shown to it
   */
  it('shows the password to no token server that nobody allowed', async () => {
    tokens.asked.length = 0;

    await expect(client(byToken, []).listTags()).rejects.toMatchObject({ reason: 'registry_realm_refused' });

    expect(tokens.asked).toEqual([]);
  });

  it.each([
    ['by password', () => byPassword],
    ['by token', () => byToken],
  ])('says that it is denied, %s', async (_how, registry) => {
    const error: unknown = await client(registry(), [realm], { secret: 'wrong-hush' })
      .listTags()
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ reason: 'registry_denied' });
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-hush');
  });

  it('says that a repository is not there', async () => {
    const credentials = () => Promise.resolve(new Map());
    const source = { registry: open, repository: 'none' };
    const settings = { source, network: STRAIGHT, insecureRegistries: [], realmAllowList: [], credentials };
    const none = new RegistryClient(settings, new SystemClock());
    clients.push(none);

    await expect(none.listTags()).rejects.toMatchObject({ reason: 'repository_not_found' });
  });
});

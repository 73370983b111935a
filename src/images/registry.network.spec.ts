import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlain } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import { connect as connectTo } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/support/certificate.js';
import { STRAIGHT } from '../../test/support/registry-network.js';
import { SystemClock } from '../common/clock.js';
import { UnreadableAuthorities } from './images.errors.js';
import { RegistryClient } from './registry.client.js';
import type { RegistryNetwork } from './registry.network.js';

const listing = JSON.stringify({ tags: ['w_2077_44'] });
const basic = `Basic ${Buffer.from('rachel:hush').toString('base64')}`;

let servers: Server[];
let clients: RegistryClient[];
let directory: string;

beforeEach(async () => {
  [servers, clients] = [[], []];
  directory = await mkdtemp(join(tmpdir(), 'berth-network-'));
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.onApplicationShutdown()));
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(directory, { recursive: true });
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(registry: string, network: Partial<RegistryNetwork> = {}): RegistryClient {
  const credentials = () => Promise.resolve(new Map([[registry, { username: 'rachel', password: 'hush' }]]));
  const source = { registry, repository: 'lab' };
  const settings = { insecureRegistries: [], realmAllowList: [], source, credentials };
  const made = new RegistryClient({ ...settings, network: { ...STRAIGHT, ...network } }, new SystemClock());
  clients.push(made);
  return made;
}

describe('redirects to another host', () => {
  /** A registry that wants credentials and then sends everybody to `target`. */
  const sending =
    (target: () => string): RequestListener =>
    (request, response) => {
      if (request.headers.authorization === basic) response.writeHead(307, { location: target() }).end();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    };

  it('are followed without credentials, and only where that is allowed', async () => {
    const shown: (string | undefined)[] = [];
    const elsewhere = await listen(
      createPlain((request, response) => {
        shown.push(request.headers.authorization);
        response.end(listing);
      }),
    );
    const registry = await listen(createPlain(sending(() => `http://${elsewhere}/tags`)));

    await expect(client(registry).listTags()).rejects.toMatchObject({ reason: 'registry_answer_invalid' });
    await expect(client(registry, { redirectHosts: ['127.0.0.1:1'] }).listTags()).rejects.toThrow(
      'berth.images.redirectHosts',
    );
    expect(shown).toEqual([]);
    await expect(client(registry, { redirectHosts: [elsewhere] }).listTags()).resolves.toEqual(['w_2077_44']);
    expect(shown).toEqual([undefined]);
  });

  it('do not bring credentials back when they lead home again', async () => {
    const shown: (string | undefined)[] = [];
    const home = createPlain((request, response) => {
      if (request.url === '/back') {
        shown.push(request.headers.authorization);
        response.end(listing);
      } else sending(() => `http://${elsewhere}/`)(request, response);
    });
    const elsewhere = await listen(
      createPlain(
        (_request, response) => void response.writeHead(307, { location: `http://${registry}/back` }).end(),
      ),
    );
    const registry = await listen(home);

    await client(registry, { redirectHosts: [elsewhere, registry] }).listTags();

    expect(shown).toEqual([undefined]);
  });
});

/** A proxy that leads every tunnel to one place, and notes where they were meant to lead. */
function tunnelTo(target: string): { readonly server: Server; readonly asked: string[] } {
  const asked: string[] = [];
  const server = createPlain((request, response) => {
    asked.push(request.url ?? '');
    response.end(listing);
  });
  server.on('connect', ({ url }, socket: Socket) => {
    asked.push(url ?? '');
    const [host, port] = target.split(':');
    const upstream = connectTo(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { server, asked };
}

describe('redirects from TLS', () => {
  const secure = async (
    handler: RequestListener,
  ): Promise<{ readonly host: string; readonly caPath: string }> => {
    const { cert, key } = selfSigned('registry');
    const caPath = join(directory, 'ca.pem');
    await writeFile(caPath, cert);
    return { host: await listen(createTls({ cert, key }, handler)), caPath };
  };

  it('are not followed to a connection without, whatever list has its host', async () => {
    const shown: string[] = [];
    const plain = await listen(
      createPlain((request, response) => {
        shown.push(JSON.stringify(request.headers));
        response.end(listing);
      }),
    );
    const sendDown: RequestListener = (_request, response) =>
      void response.writeHead(307, { location: `http://${plain}/` }).end();
    const { host, caPath } = await secure(sendDown);
    const registry = await listen(
      createPlain(
        (_request, response) => void response.writeHead(307, { location: `https://${host}/` }).end(),
      ),
    );

    const asked = client(registry, { caPath, redirectHosts: [host, plain] }).listTags();

    await expect(asked).rejects.toMatchObject({
      reason: 'registry_answer_invalid',
      message: expect.stringContaining('without TLS') as string,
    });
    expect(shown).toEqual([]);
  });

  it('are not followed on the same host either', async () => {
    const { host, caPath } = await secure((_request, response) => {
      response.writeHead(301, { location: `http://${host}/` }).end();
    });
    const registry = await listen(
      createPlain(
        (_request, response) => void response.writeHead(307, { location: `https://${host}/` }).end(),
      ),
    );

    const asked = client(registry, { caPath, redirectHosts: [host] }).listTags();

    await expect(asked).rejects.toThrow('without TLS');
  });
});

describe('openAgent', () => {
  it('goes through the proxy, except for hosts that are named', async () => {
    const behind = await listen(createPlain((_request, response) => void response.end(listing)));
    const proxy = tunnelTo(behind);
    const address = await listen(proxy.server);
    const settings = { insecureRegistries: ['registry.example.org'], realmAllowList: [] };
    const source = { registry: 'registry.example.org', repository: 'lab' };
    const proxies = { http: `http://${address}`, https: undefined, exceptions: undefined };
    const credentials = () => Promise.resolve(new Map());
    const ask = (exceptions: string | undefined): Promise<readonly string[]> => {
      const network = { ...STRAIGHT, proxies: { ...proxies, exceptions } };
      const made = new RegistryClient({ ...settings, source, network, credentials }, new SystemClock());
      clients.push(made);
      return made.listTags();
    };

    await expect(ask(undefined)).resolves.toEqual(['w_2077_44']);
    expect(proxy.asked).toHaveLength(1);
    expect(proxy.asked[0]).toContain('registry.example.org');
    await expect(ask('.example.org')).rejects.toMatchObject({ reason: 'registry_unreachable' });
    expect(proxy.asked).toHaveLength(1);
  });

  it('speaks TLS to a registry by its name, so that a proxy sees no credentials', async () => {
    const { cert, key } = selfSigned('registry', 'registry.example.org');
    const caPath = join(directory, 'ca.pem');
    await writeFile(caPath, cert);
    const behind = await listen(
      createTls({ cert, key }, (request, response) => {
        if (request.headers.authorization === basic) response.end(listing);
        else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }),
    );
    const proxy = tunnelTo(behind);
    const https = `http://${await listen(proxy.server)}`;
    const proxies = { http: undefined, https, exceptions: undefined };

    const trusting = client('registry.example.org', { proxies, caPath });

    await expect(trusting.listTags()).resolves.toEqual(['w_2077_44']);
    expect(new Set(proxy.asked)).toEqual(new Set(['registry.example.org:443']));
    await expect(client('registry.example.org', { proxies }).listTags()).rejects.toMatchObject({
      reason: 'registry_unreachable',
    });
    await expect(client('other.example.org', { proxies, caPath }).listTags()).rejects.toMatchObject({
      reason: 'registry_unreachable',
    });
  });

  it('never asks a proxy for what is on loopback', async () => {
    const proxy = tunnelTo('127.0.0.1:1');
    const http = `http://${await listen(proxy.server)}`;
    const registry = await listen(createPlain((_request, response) => void response.end(listing)));

    const proxies = { http, https: http, exceptions: 'other.example.org' };

    await expect(client(registry, { proxies }).listTags()).resolves.toEqual(['w_2077_44']);
    expect(proxy.asked).toEqual([]);
  });

  it('trusts the authorities of the file besides the usual ones', async () => {
    const { cert, key } = selfSigned('registry');
    const caPath = join(directory, 'ca.pem');
    await writeFile(caPath, cert);
    const safe = createTls({ cert, key }, (_request, response) => void response.end(listing));
    const host = await listen(safe);
    const redirecting = createPlain(
      (_request, response) => void response.writeHead(307, { location: `https://${host}/` }).end(),
    );
    const registry = await listen(redirecting);

    const trusting = client(registry, { caPath, redirectHosts: [host] });

    await expect(trusting.listTags()).resolves.toEqual(['w_2077_44']);
    await expect(client(registry, { redirectHosts: [host] }).listTags()).rejects.toMatchObject({
      reason: 'registry_unreachable',
    });
  });

  it('says at once which file of authorities cannot be read', () => {
    expect(() => client('registry.example.org', { caPath: join(directory, 'none.pem') })).toThrow(
      UnreadableAuthorities,
    );
  });
});

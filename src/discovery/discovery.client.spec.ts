import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { someSettings } from '../../test/gen/settings.gen.js';
import { startStub } from '../../test/support/stub-server.js';
import type { StubAnswer, StubServer } from '../../test/support/stub-server.js';
import { AppSettings } from '../config/index.js';
import { DiscoveryClient } from './index.js';

const DOCUMENT = {
  applications: ['nublado'],
  datasets: {
    dp1: {
      butler_config: 'https://x/butler.yaml',
      description: 'dropped',
      services: {
        sia: {
          url: 'https://x/sia',
          versions: { 'sia-2': { url: 'https://x/sia/2', ivoa_standard_id: 'i' } },
        },
      },
    },
    bare: { services: {} },
  },
  influxdb_databases: { idfdev: { url: 'https://influx', database: 'efd' } },
  services: {
    internal: {
      gafaelfawr: {
        url: 'https://x/auth',
        openapi: 'https://x/o',
        versions: { v1: { url: 'https://x/auth/api/v1' } },
      },
      'nublado-controller': { url: 'https://x/nublado', versions: {} },
    },
    ui: { logout: { url: 'https://x/logout' } },
  },
};

describe('DiscoveryClient', () => {
  let stub: StubServer;
  let clock: FakeClock;
  let client: DiscoveryClient;
  let answer: () => StubAnswer | Promise<StubAnswer>;

  beforeEach(async () => {
    answer = () => ({ body: DOCUMENT });
    stub = await startStub(() => answer());
    clock = new FakeClock();
    const settings = new AppSettings(someSettings({}, { REPERTOIRE_BASE_URL: `${stub.url}/repertoire` }));
    client = new DiscoveryClient(settings, clock, new MemoryLog());
  });

  afterEach(() => stub.close());

  it('finds a service and one version of its API', async () => {
    expect(await client.serviceUrl('gafaelfawr')).toBe('https://x/auth');
    expect(await client.serviceUrl('gafaelfawr', 'v1')).toBe('https://x/auth/api/v1');
    expect(stub.seen).toEqual(['GET /repertoire/discovery']);
  });

  it('says which service nobody knows', async () => {
    await expect(client.serviceUrl('gafaelfawr', 'v9')).rejects.toMatchObject({
      code: 'discovery_unavailable',
      context: { name: 'gafaelfawr', version: 'v9' },
    });
  });

  it('reduces the document to what labs get', async () => {
    expect(await client.reduced()).toEqual({
      datasets: {
        dp1: {
          butler_config: 'https://x/butler.yaml',
          services: { sia: { url: 'https://x/sia', versions: { 'sia-2': { url: 'https://x/sia/2' } } } },
        },
        bare: { services: {} },
      },
      influxdb_databases: { idfdev: { local: false, url: 'https://influx', database: 'efd' } },
      services: {
        internal: {
          gafaelfawr: { url: 'https://x/auth', versions: { v1: { url: 'https://x/auth/api/v1' } } },
          'nublado-controller': { url: 'https://x/nublado' },
        },
      },
    });
  });

  it('leaves out empty sections', async () => {
    answer = () => ({ body: { services: { internal: {} }, datasets: {} } });

    expect(await client.reduced()).toEqual({});
  });

  it('asks once for many, and again after five minutes', async () => {
    await Promise.all([client.reduced(), client.serviceUrl('gafaelfawr'), client.reduced()]);
    await clock.advance(299_000);
    await client.reduced();
    expect(stub.seen).toHaveLength(1);

    await clock.advance(2_000);
    await client.reduced();

    expect(stub.seen).toHaveLength(2);
  });

  it('goes on with the last document while discovery fails, and asks again soon', async () => {
    await client.reduced();
    await clock.advance(301_000);
    answer = () => ({ status: 500 });

    expect(await client.serviceUrl('gafaelfawr')).toBe('https://x/auth');
    await client.reduced();
    expect(stub.seen).toHaveLength(2);

    answer = () => ({ body: { services: { internal: { gafaelfawr: { url: 'https://new' } } } } });
    await clock.advance(11_000);
    expect(await client.serviceUrl('gafaelfawr')).toBe('https://new');
  });

  it('soon finds a service that comes after the first who asked for it', async () => {
    answer = () => ({ body: { services: { internal: {} } } });
    await expect(client.serviceUrl('gafaelfawr')).rejects.toMatchObject({ code: 'discovery_unavailable' });
    answer = () => ({ body: DOCUMENT });

    await clock.advance(6_000);
    await expect(client.serviceUrl('gafaelfawr')).rejects.toMatchObject({ code: 'discovery_unavailable' });
    await clock.advance(5_000);

    expect(await client.serviceUrl('gafaelfawr')).toBe('https://x/auth');
    expect(stub.seen).toHaveLength(2);
  });

  it.each([
    ['an error', { status: 503 }],
    ['another shape', { body: { services: 'none' } }],
  ])('fails clearly when the first answer is %s', async (_what, first) => {
    answer = () => first;

    await expect(client.reduced()).rejects.toMatchObject({ status: 503, code: 'discovery_unavailable' });
  });
});

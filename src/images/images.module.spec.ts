import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeNodes } from '../../test/support/fake-nodes.js';
import { STRAIGHT } from '../../test/support/registry-network.js';
import { Clock, SystemClock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import type { LogFields } from '../common/logger.js';
import { millis, seconds } from '../common/units.js';
import { ConfigModule } from '../config/index.js';
import type { ImageSource, Settings } from '../config/index.js';
import { Informers } from '../kubernetes/index.js';
import { ImagesModule } from './images.module.js';
import { ImagesService } from './images.service.js';

const digest = `sha256:${'a'.repeat(64)}`;

let lines: string[];
class MemoryLog extends Log {
  private write = (message: string, fields?: LogFields): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  debug = this.write;
  info = this.write;
  warn = this.write;
  error = this.write;
  child(): Log {
    return this;
  }
}

let delays: number[];
/** The first pauses before a retry pass at once and are noted; all other spans are real. */
class RetryingClock extends SystemClock {
  override after(delay: number, callback: () => void): () => void {
    if (delay !== 5_000 && delay !== 10_000) return super.after(millis(delay), callback);
    delays.push(delay);
    return super.after(millis(1), callback);
  }
}

@Global()
@Module({
  providers: [
    { provide: Clock, useClass: RetryingClock },
    { provide: Log, useClass: MemoryLog },
    { provide: Informers, useFactory: () => new FakeNodes().informers },
  ],
  exports: [Clock, Informers, Log],
})
class FoundationModule {}

let server: Server;
let directory: string;
let faults: number;
let lists: number;
let app: TestingModule | undefined;

beforeEach(async () => {
  [lines, delays, faults, lists, app] = [[], [], 0, 0, undefined];
  directory = await mkdtemp(join(tmpdir(), 'berth-images-'));
  server = createServer((request, response) => {
    const authorized =
      request.headers.authorization === `Basic ${Buffer.from('rachel:hush').toString('base64')}`;
    if (!authorized) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else if (request.url?.endsWith('/tags/list')) {
      lists += 1;
      response.writeHead(lists > faults ? 200 : 502).end(JSON.stringify({ tags: ['recommended'] }));
    } else response.writeHead(200, { 'docker-content-digest': digest }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await app?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const registryHost = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Only what the module reads; the rest of the settings is none of its business. */
function settings(changes: Partial<Settings['images']> = {}): Settings {
  const source: ImageSource = { type: 'docker', registry: registryHost(), repository: 'lab' };
  const images = {
    source,
    dockerCredentialsPath: join(directory, 'config.json'),
    refreshInterval: seconds(300),
    prepullTimeout: seconds(600),
    recommendedTag: 'recommended',
    numReleases: 1,
    numWeeklies: 2,
    numDailies: 3,
    cycle: undefined,
    pin: [],
    aliasTags: [],
    ...changes,
  };
  const google = { apiUrl: 'http://127.0.0.1:1', metadataUrl: 'http://127.0.0.1:1' };
  const berth = { images: { insecureRegistries: [], realmAllowList: [], redirectHosts: [], google } };
  const { proxies } = STRAIGHT;
  const lab = { nodeSelector: {}, tolerations: [] };
  return { images, berth, lab, proxies } as unknown as Settings;
}

async function start(changes: Partial<Settings['images']> = {}): Promise<ImagesService> {
  app = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot(settings(changes)),
      ScheduleModule.forRoot(),
      FoundationModule,
      ImagesModule,
    ],
  }).compile();
  await app.init();
  return app.get(ImagesService);
}

const writeCredentials = (): Promise<void> =>
  writeFile(
    join(directory, 'config.json'),
    JSON.stringify({ auths: { [registryHost()]: { username: 'rachel', password: 'hush' } } }),
  );

describe('ImagesModule', () => {
  it('resolves with credentials from the file, and logs none of them', async () => {
    await writeCredentials();
    const images = await start();

    await expect(images.resolve({ kind: 'class', class: 'recommended' })).resolves.toMatchObject({ digest });
    expect(lines.join('\n')).not.toMatch(/rachel|hush/);
  });

  it('starts without the registry, and retries on its own with growing pauses', async () => {
    await writeCredentials();
    faults = 2;
    const images = await start();

    await vi.waitFor(() => expect(images.state()).toMatchObject({ failure: undefined, tags: 1 }), {
      timeout: 30_000,
    });

    expect(delays).toEqual([5_000, 10_000]);
    expect(lists).toBe(3);
  });

  it.each([
    ['missing', undefined, 'ENOENT'],
    ['no credentials file', '{"password": "hush"', 'not_a_dockerconfigjson'],
  ])(
    'starts although the credentials file is %s, says so, and finds it once it is there',
    async (_case, text, reason) => {
      if (text !== undefined) await writeFile(join(directory, 'config.json'), text);
      const images = await start({ refreshInterval: seconds(1) });
      await vi.waitFor(() => expect(images.state().failure).toBe('registry_denied'), { timeout: 30_000 });
      expect(lines.join('\n')).toContain(reason);
      expect(lines.join('\n')).not.toContain('hush');

      await writeCredentials();

      await vi.waitFor(() => expect(images.state().failure).toBeUndefined(), { timeout: 30_000 });
    },
  );

  it('refreshes at the interval, and never again after it was closed', async () => {
    await writeCredentials();
    await start({ refreshInterval: seconds(1) });
    await vi.waitFor(() => expect(lists).toBeGreaterThan(1), { timeout: 30_000 });

    const scheduler = app!.get(SchedulerRegistry);
    await app!.close();

    expect(scheduler.getIntervals()).toEqual([]);
  });

  it.each<[ImageSource, string]>([
    [
      { type: 'docker', registry: 'https://docker.io', repository: 'lab' },
      'images.source.registry is "https://docker.io"',
    ],
    [{ type: 'docker', registry: 'docker.io', repository: 'Lab' }, 'images.source.repository is "Lab"'],
  ])('refuses to start with a source that no reference could name', async (source, message) => {
    await expect(start({ source })).rejects.toThrow(message);
  });
});

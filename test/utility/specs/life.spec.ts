import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../support/until.js';
import { FileServer } from '../support/file-server.js';
import { temporaryFolder } from '../support/folder.js';
import { run } from '../support/run.js';
import { startVerifyingBerth } from '../support/verifying-berth.js';
import { describeWith } from '../support/tools.js';

/** Begins an upload of ten bytes and has sent half of it when it resolves. */
async function beginUpload(server: FileServer, folder: string, name: string) {
  const put = request(`${server.url}/${name}`, { method: 'PUT', headers: { 'content-length': '10' } });
  put.on('error', () => undefined);
  put.write('12345');
  await until(() => readdirSync(folder).some((entry) => entry.startsWith('.berth-upload-')), 'the upload');
  return put;
}

describeWith([], "a file server's life", () => {
  it('ends with 0 when nobody works, although a client keeps looking', async () => {
    const server = await FileServer.start({ folder: temporaryFolder(), idleSeconds: 1 });
    const look = async (): Promise<number> => {
      const answer = await fetch(server.url, { method: 'PROPFIND', headers: { depth: '1' } });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await look()).toBe(207);
    let looks = 0;
    const looking = setInterval(() => {
      look().then(
        () => (looks += 1),
        () => undefined,
      );
    }, 50);
    onTestFinished(() => clearInterval(looking));

    expect(await server.ended).toBe(0);
    expect(looks).toBeGreaterThan(0);
  });

  it('lets an upload end after SIGTERM, takes nobody new, and exits 0', async () => {
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder });
    const put = await beginUpload(server, folder, 'thesis');
    server.kill('SIGTERM');
    await until(() => server.lines.some((line) => line.includes('letting transfers end')), 'the drain');
    // The listener is closed at some moment after the line.
    await expect
      .poll(() =>
        fetch(server.url, { method: 'OPTIONS' }).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');

    put.end('67890');

    const [response] = (await once(put, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(201);
    expect(await server.ended).toBe(0);
    expect(readFileSync(join(folder, 'thesis'), 'utf8')).toBe('1234567890');
  });

  it('does not wait for an upload after a second SIGTERM, and leaves the old file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis'), 'old');
    const server = await FileServer.start({ folder });
    await beginUpload(server, folder, 'other');
    server.kill('SIGTERM');
    await until(() => server.lines.some((line) => line.includes('letting transfers end')), 'the drain');
    server.kill('SIGTERM');

    expect(await server.ended).toBe(1);
    expect(readdirSync(folder)).toEqual(['thesis']);
  });

  /**
   * @promise nothing is lost
   * @fault a file server is killed in the middle of an upload
   * @outcome the old file is as it was
   */
  it('leaves the old file as it was when it is killed', async () => {
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder });
    await fetch(`${server.url}/thesis`, { method: 'PUT', body: 'old' });
    const put = await beginUpload(server, folder, 'thesis');
    server.kill('SIGKILL');
    put.destroy();

    expect(await server.ended).toBe('SIGKILL');
    expect(readFileSync(join(folder, 'thesis'), 'utf8')).toBe('old');
  });

  it('says why it cannot serve, and exits 1', async () => {
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;

    const server = await FileServer.start({
      folder: temporaryFolder(),
      env: { WORBLEHAT_PORT: String(port) },
    });

    expect(await server.ended).toBe(1);
    expect(server.lines.join()).toMatch(/cannot listen.*in use/);
  });

  /**
   * @promise nobody gets in
   * @fault somebody with a token of another user knocks at a file server that no ingress guards
   * @outcome only the owner gets in
   */
  it('asks Berth who somebody is, and lets only the owner in', async () => {
    const folder = temporaryFolder();
    const berth = await startVerifyingBerth('rachel', 'gt-secret');
    const env = { BERTH_VERIFY_URL: berth.url, BERTH_VERIFY_KEY_FILE: berth.keyFile };
    const server = await FileServer.start({ folder, env, base: '/files/rachel' });
    const as = async (credentials?: string): Promise<number> => {
      const headers = credentials ? { authorization: `Basic ${btoa(credentials)}` } : {};
      const answer = await fetch(`${server.url}/file`, { method: 'PUT', body: 'x', headers });
      await answer.arrayBuffer();
      return answer.status;
    };

    expect(await as()).toBe(401);
    expect(await as('ruth:gt-secret')).toBe(401);
    expect(readdirSync(folder)).toEqual([]);
    expect(await as('rachel:gt-secret')).toBe(201);
    berth.revoke();
    expect(await as('rachel:gt-secret')).toBe(204);
    expect(await as('rachel:gt-other')).toBe(401);
    await berth.close();
    expect(await as('rachel:gt-new')).toBe(503);
    expect(berth.asked).toBe(3);
    expect(server.lines.join('\n')).not.toMatch(/gt-|uid-1/);
  });

  it('does not start with half of what it needs to ask', async () => {
    const server = await FileServer.start({
      folder: temporaryFolder(),
      env: { BERTH_VERIFY_URL: 'http://127.0.0.1:9/verify' },
    });

    expect(await server.ended).toBe(1);
    expect(server.lines.join()).toContain('BERTH_VERIFY_KEY_FILE');
  });
});

describeWith([], 'the command line', () => {
  const nublado = join(process.cwd(), '.cache', 'utility', 'nublado');

  it.each([
    [['--help'], 0, /inithome/],
    [['startup', '--help'], 0, /inithome/],
    [['--version'], 0, /^\d+\.\d+/],
    [[], 2, /usage/],
    [['purger'], 2, /no command "purger"/],
    [['startup', 'now'], 2, /usage/],
    [['inithome'], 1, /^CRITICAL.*NUBLADO_HOME/],
  ])('answers %j with exit code %i', async (args, code, says) => {
    const ran = await run(nublado, args);

    expect(ran.code).toBe(code);
    expect(ran.output).toMatch(says);
  });
});

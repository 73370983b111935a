import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accepts } from '../../../simulator/actors/kubelet/process.js';
import { until } from '../../support/until.js';
import { suiteFolder, temporaryFolder } from '../support/folder.js';
import { run } from '../support/run.js';
import { describeWith } from '../support/tools.js';
import { WholeWay } from '../support/whole-way.js';

const WHOLE = ['ingresses', 'jobs', 'pods', 'secrets', 'services'];
/** From the last word of a client to the end of everything, on a busy machine. */
const SOON_MS = 60_000;

describeWith(['nginx', 'rclone', 'cadaver'], 'from GET F to nothing left', () => {
  let folder: string;
  let way: WholeWay;
  beforeAll(async () => {
    folder = suiteFolder();
    way = await WholeWay.start(folder);
  });
  afterAll(() => way.stop());

  /** One request with Basic credentials, through nginx, on a connection of its own: nginx ends those that idle when it reads its file. */
  const as = async (url: string, credentials?: string, method = 'PUT') => {
    const headers = credentials === undefined ? {} : { authorization: `Basic ${btoa(credentials)}` };
    const sent = request(url, { method, headers, agent: false });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end(method === 'PUT' ? 'x' : undefined);
    const [answer] = await answered;
    answer.resume();
    return { status: answer.statusCode ?? 0, headers: answer.headers };
  };
  const rclone = async (url: string, user: string, ...args: readonly string[]) => {
    const env = { RCLONE_CONFIG: '/dev/null', HOME: '/nonexistent' };
    const pass = (await run('rclone', ['obscure', `${user}-token`], { env })).output.trim();
    const remote = `:webdav,url='${url}',vendor=other,user=${user},pass=${pass}:`;
    return run(
      'rclone',
      args.map((arg) => arg.replace('REMOTE:', remote)),
      { env },
    );
  };

  it('serves what real clients write, ends when nobody works, and leaves the files and nothing else', async () => {
    const since = way.cluster.api.store.currentRevision();
    const upload = await way.open('rachel', 'held');
    const home = temporaryFolder(0);
    writeFileSync(join(home, 'thesis'), 'years of work');
    writeFileSync(join(home, '.netrc'), 'machine 127.0.0.1 login rachel password rachel-token\n', {
      mode: 0o600,
    });
    const whole = way.objects('rachel');

    const put = await rclone(upload.url, 'rachel', 'copyto', join(home, 'thesis'), 'REMOTE:work/thesis');
    const got = await run('cadaver', [`${upload.url}/`], {
      input: 'move work/thesis finished\nget finished copy\nquit\n',
      cwd: home,
      env: { HOME: home },
    });
    const finished = await upload.finish();

    expect(whole).toEqual(WHOLE);
    expect([put, got.output.match(/succeeded/g)?.length, finished]).toEqual([
      { code: 0, output: '' },
      2,
      201,
    ]);
    await until(() => way.objects('rachel').length === 0, 'everything is gone', SOON_MS);
    await until(() => way.record('rachel')?.status?.phase === 'stopped', 'the record of its end', SOON_MS);
    expect(new Set(await way.exitCodes('rachel', String(since)))).toEqual(new Set([0]));
    expect(readFileSync(join(home, 'copy'), 'utf8')).toBe('years of work');
    expect(readFileSync(join(folder, 'finished'), 'utf8')).toBe('years of work');
    expect(readdirSync(folder)).toEqual(['finished', 'held', 'work']);
    const isServed = async (): Promise<number> =>
      (await as(`${upload.url}/finished`, 'rachel:rachel-token', 'GET')).status;
    await expect.poll(isServed, { timeout: SOON_MS }).toBe(404);
  });

  /**
   * @promise nobody gets in
   * @fault somebody guesses the password of a file server, or shows another user's token
   * @outcome 401, and after ten guesses within a minute 429; the owner works on
   */
  it('lets nobody in but the owner, and nobody guess more than ten times a minute', async () => {
    const upload = await way.open('emmy', 'emmys');
    way.tokens.set('of-emmy-without-files', { username: 'emmy' });
    const file = `${upload.url}/file`;
    const strangers = [
      'rachel:rachel-token',
      'emmy:rachel-token',
      'rachel:emmy-token',
      'emmy:of-emmy-without-files',
    ];

    const first = [await as(file), ...(await Promise.all(strangers.map((each) => as(file, each))))];
    const guesses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1) guesses.push((await as(file, `emmy:guess-${guess}`)).status);
    const last = await as(file, 'emmy:one-more');
    const owner = await as(file, 'emmy:emmy-token');

    expect(first.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(first[0]?.headers['www-authenticate']).toBe('Basic realm="files", charset="UTF-8"');
    expect(guesses).toEqual([401, 401, 401, 401, 401, 401]);
    expect(last.status).toBe(429);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect(owner.status).toBe(201);
    expect(await upload.finish()).toBe(201);
    expect(way.berth.log).not.toMatch(/guess-|emmy-token|of-emmy/);
  });

  /**
   * @promise nobody gets in
   * @fault a token for files is withdrawn
   * @outcome a server that has not seen it refuses it at once, any other after five minutes
   */
  it('refuses a token that was withdrawn, at the latest when the next server asks', async () => {
    const vera = { username: 'vera', uid: 1102, gid: 1102 };
    way.tokens.set('gt-never', vera).set('gt-once', vera);
    const first = await way.open('vera', 'veras');
    way.tokens.delete('gt-never');
    const never = await as(`${first.url}/of-vera`, 'vera:gt-never');
    const once = await as(`${first.url}/of-vera`, 'vera:gt-once');
    way.tokens.delete('gt-once');
    await first.finish();
    const removed = await way.ask('DELETE', '/nublado/fileserver/v1/users/vera', 'emmy');

    const second = await way.open('vera', 'veras');
    const withdrawn = await as(`${second.url}/of-vera`, 'vera:gt-once');
    const finished = await second.finish();

    expect([never.status, once.status]).toEqual([401, 201]);
    // It may have ended by itself meanwhile.
    expect([204, 404]).toContain(removed.status);
    expect([withdrawn.status, finished]).toEqual([401, 204]);
  });

  /**
   * @promise nothing is lost
   * @fault a file server is removed in the middle of an upload
   * @outcome it takes nobody new, and ends when the upload has
   */
  it('lets an upload end that is under way when the server is removed, and takes nobody new', async () => {
    const upload = await way.open('rachel', 'late');
    const port = Number(new URL(way.upstream('rachel')).port);
    const removing = way.ask('DELETE', '/nublado/fileserver/v1/users/rachel', 'emmy');
    // The server has been told to end as soon as it no longer listens.
    await expect.poll(() => accepts(port), { timeout: SOON_MS }).toBe(false);

    const finished = await upload.finish();

    expect(finished).toBe(201);
    expect((await removing).status).toBe(204);
    expect(way.objects('rachel')).toEqual([]);
    expect(readFileSync(join(folder, 'late'), 'utf8')).toBe('1234567890');
  });
});

import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileServer } from '../support/file-server.js';
import { temporaryFolder } from '../support/folder.js';
import { run } from '../support/run.js';
import { describeWith } from '../support/tools.js';

const FILES = 10_000;
const LARGE = 5 * 1024 ** 3;
/** What the server may ever have resident, in MiB, whatever passes through it. Measured: 12 to 20. */
const MEMORY_MIB = 48;
/** Where the large file holds more than nothing: at both ends, and across the limits of 31 and 32 bits. */
const MARKS = [0, 2 ** 31 - 3, 2 ** 32 - 3, LARGE - 6];

/** Files in so many folders, each with its own content. */
function makeFiles(folders: number): string {
  const top = temporaryFolder();
  for (let folder = 0; folder < folders; folder += 1) {
    mkdirSync(join(top, `d${folder}`));
    for (let file = 0; file < FILES / folders; file += 1) {
      writeFileSync(join(top, `d${folder}`, `f${file}.txt`), `content of ${folder}/${file}\n`);
    }
  }
  return top;
}

function makeLarge(): string {
  const file = join(temporaryFolder(), 'large');
  const descriptor = openSync(file, 'w');
  truncateSync(file, LARGE);
  for (const mark of MARKS) writeSync(descriptor, 'marked', mark);
  return file;
}

async function expectMarks(url: string): Promise<void> {
  for (const mark of MARKS) {
    const answer = await fetch(url, { headers: { range: `bytes=${mark}-${mark + 5}` } });
    expect([answer.status, await answer.text()]).toEqual([206, 'marked']);
    expect(answer.headers.get('content-range')).toBe(`bytes ${mark}-${mark + 5}/${LARGE}`);
  }
}

/** Nothing, or the beginning of what is not the same. */
async function difference(one: string, other: string): Promise<string> {
  return (await run('diff', ['-rq', one, other])).output.slice(0, 1000);
}

describeWith(['cadaver'], 'cadaver', () => {
  const cadaver = (server: FileServer, script: string, cwd: string) =>
    run('cadaver', [`${server.url}/`], { input: `${script}\nquit\n`, cwd, env: { HOME: cwd } });

  it('copies ten thousand small files, and the memory stays', async () => {
    const files = makeFiles(1);
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder, base: '/files/rachel' });

    // It takes at most 9,999 at a time.
    const ran = await cadaver(
      server,
      'mkcol d0\ncd d0\nmput f[0-4]*.txt\nmput f[5-9]*.txt',
      join(files, 'd0'),
    );

    expect(ran.output).not.toContain('failed');
    expect(await difference(files, folder)).toBe('');
    expect(server.peakMiB()).toBeLessThan(MEMORY_MIB);
  });

  it('copies a file of 5 GiB there and back, and the memory stays', async () => {
    const large = makeLarge();
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder });

    const ran = await cadaver(server, `put ${large} large\nget large /dev/null`, temporaryFolder(0));

    expect(ran.output.match(/succeeded/g)).toHaveLength(2);
    expect(statSync(join(folder, 'large')).size).toBe(LARGE);
    await expectMarks(`${server.url}/large`);
    expect(server.peakMiB()).toBeLessThan(MEMORY_MIB);
  });
});

describeWith(['rclone'], 'rclone', () => {
  const rclone = (server: FileServer, args: readonly string[]) => {
    const remote = `:webdav,url='${server.url}',vendor=other:`;
    return run('rclone', [...args.map((arg) => arg.replace('REMOTE:', remote)), '--transfers', '4'], {
      env: { RCLONE_CONFIG: '/dev/null', HOME: '/nonexistent' },
    });
  };

  it('copies ten thousand small files in parallel, and the memory stays', async () => {
    // It waits ten milliseconds between two requests, so that one alone would take five minutes.
    const clients = 10;
    const files = makeFiles(clients);
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder });

    const ran = await Promise.all(
      readdirSync(files).map((name) => rclone(server, ['copy', join(files, name), `REMOTE:${name}`])),
    );

    expect(ran.map(({ output }) => output).join('')).toBe('');
    expect(await difference(files, folder)).toBe('');
    expect(server.peakMiB()).toBeLessThan(MEMORY_MIB);
  });

  it('copies with the line of the README', async () => {
    const line = /^rclone copy .*$/m.exec(readFileSync('README.md', 'utf8'))?.[0] ?? '';
    const home = temporaryFolder();
    const folder = temporaryFolder();
    mkdirSync(join(home, 'thesis'));
    writeFileSync(join(home, 'thesis', 'chapter'), 'years of work');
    const server = await FileServer.start({ folder });

    const ran = await run('sh', ['-c', line.replace(/https:[^',]*/, server.url)], {
      cwd: home,
      env: { RCLONE_CONFIG: '/dev/null', HOME: '/nonexistent', TOKEN: 'gt-token' },
    });

    expect(ran).toEqual({ code: 0, output: '' });
    expect(readFileSync(join(folder, 'home/rachel/thesis/chapter'), 'utf8')).toBe('years of work');
  });

  it('copies a file of 5 GiB, and the memory stays', async () => {
    const folder = temporaryFolder();
    const server = await FileServer.start({ folder });

    const ran = await rclone(server, ['copyto', makeLarge(), 'REMOTE:large']);

    expect(ran).toEqual({ code: 0, output: '' });
    expect(statSync(join(folder, 'large')).size).toBe(LARGE);
    await expectMarks(`${server.url}/large`);
    expect(server.peakMiB()).toBeLessThan(MEMORY_MIB);
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NOBODYS_ID, temporaryFolder } from '../support/folder.js';
import { run } from '../support/run.js';
import { describeWith, isRoot } from '../support/tools.js';

const sources = join(process.cwd(), 'utility');
/** Where Go keeps its modules and its cache is this machine's business. */
const inherited = process.env as Record<string, string>;
const rooms = ['inithome', 'landingpage', 'startup', 'webdav'];

/** The names of specs by result, as a Go test binary tells them with -test.v. */
function results(output: string): { passed: string[]; failed: string[]; skipped: string[] } {
  const named = (word: string) =>
    [...output.matchAll(new RegExp(`^\\s*--- ${word}: (\\S+)`, 'gm'))].map((match) => match[1] ?? '');
  return { passed: named('PASS'), failed: named('FAIL'), skipped: named('SKIP') };
}

describeWith(['go'], "the program's own specs", () => {
  it('have nothing to say to gofmt and vet', async () => {
    expect((await run('gofmt', ['-l', '.'], { cwd: sources })).output).toBe('');
    expect((await run('go', ['vet', './...'], { cwd: sources, env: inherited })).output).toBe('');
  });

  it.each(rooms)('%s holds for root and for a user, on a real file system', async (room) => {
    const folder = temporaryFolder();
    const binary = join(folder, `${room}.test`);
    const built = await run('go', ['test', '-c', '-o', binary, `./internal/${room}`], {
      cwd: sources,
      env: inherited,
    });
    expect(built).toEqual({ code: 0, output: '' });

    const uids = isRoot() ? [0, NOBODYS_ID] : [undefined];
    const proven = new Set<string>();
    const skipped = new Set<string>();
    for (const uid of uids) {
      const ran = await run(binary, ['-test.v', '-test.count=1'], {
        cwd: '/',
        env: { TMPDIR: folder },
        ...(uid === undefined ? {} : { uid }),
      });
      const found = results(ran.output);
      expect(ran.code, ran.output).toBe(0);
      found.passed.forEach((name) => proven.add(name));
      found.skipped.forEach((name) => skipped.add(name));
    }

    expect(proven.size).toBeGreaterThan(5);
    // Some can only be asked as root, others only as a user; together they leave out none.
    if (isRoot()) expect([...skipped].filter((name) => !proven.has(name))).toEqual([]);
    expect(readdirSync(folder)).toEqual([`${room}.test`]);
  });
});

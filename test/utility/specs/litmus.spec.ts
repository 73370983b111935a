import { expect, it } from 'vitest';
import { FileServer } from '../support/file-server.js';
import { temporaryFolder } from '../support/folder.js';
import { run, type Ran } from '../support/run.js';
import { startVerifyingBerth } from '../support/verifying-berth.js';
import { describeWith } from '../support/tools.js';

/** All there is in litmus 0.13. */
const SUITES = { basic: 16, copymove: 13, props: 30, locks: 41, http: 4 };

function verdicts({ output }: Ran): Record<string, number> {
  const lines = output.matchAll(/summary for `(\w+)': of (\d+) tests run: (\d+) passed, 0 failed/g);
  return Object.fromEntries([...lines].map(([, suite = '', , passed]) => [suite, Number(passed)]));
}

describeWith(['litmus'], 'the WebDAV conformance suite litmus', () => {
  it('passes whole, without a warning, below a base path', async () => {
    const server = await FileServer.start({ folder: temporaryFolder(), base: '/files/rachel' });

    const ran = await run('litmus', ['-k', `${server.url}/`], { cwd: temporaryFolder(0) });

    expect(verdicts(ran), ran.output).toEqual(SUITES);
    expect(ran.output).not.toMatch(/WARNING|FAIL|skipped/);
  });

  it('passes whole for an owner who is asked for', async () => {
    const berth = await startVerifyingBerth('rachel', 'gt-secret');
    const env = { BERTH_VERIFY_URL: berth.url, BERTH_VERIFY_KEY_FILE: berth.keyFile };
    const server = await FileServer.start({ folder: temporaryFolder(), base: '/files/rachel', env });

    const ran = await run('litmus', ['-k', `${server.url}/`, 'rachel', 'gt-secret'], {
      cwd: temporaryFolder(0),
    });

    expect(verdicts(ran), ran.output).toEqual(SUITES);
  });
});

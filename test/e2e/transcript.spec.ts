import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../../simulator/free-ports.js';

const BLOCK = /(<!-- transcript: .* -->\n\n```text\n)[\s\S]*?(```\n\n<!-- end of transcript -->)/;

describe('npm run demo -- --once --transcript', () => {
  it('prints what the README shows', async () => {
    const [port] = await freePorts(1);
    const args = ['scripts/run.mjs', 'demo', '--once', '--transcript', '--port', String(port)];

    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);

    const transcript = stdout.replace(/^Building .*\n/gm, '');
    const readme = await readFile('README.md', 'utf8');
    const expected = readme.replace(
      BLOCK,
      (_all, head: string, tail: string) => `${head}${transcript}${tail}`,
    );
    expect(stderr).toBe('');
    expect(readme).toMatch(BLOCK);
    if (process.env.UPDATE_GOLDEN === '1') await writeFile('README.md', expected);
    else expect(expected).toBe(readme);
  }, 300_000);
});

import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFile } from '../../test/gen/config-file.gen.js';
import { Places } from './places.js';
import { ConfigError } from './problems.js';
import { readYaml } from './yaml-file.js';

const read = (content: string | Uint8Array): unknown => readYaml(aFile(content), new Places()).value;

function refusal(path: string): string {
  try {
    readYaml(path, new Places());
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replaceAll(path, 'FILE');
  }
}

describe('readYaml', () => {
  it('reads words of YAML 1.1 as today’s controller does', () => {
    const file = 'a: yes\nb: off\nc: y\nd: 0755\ne: 1:30\nf: 2026-01-31\ng: null\nh: "yes"\n';

    expect(read(file)).toEqual({
      a: true,
      b: false,
      c: 'y',
      d: 493,
      e: 90,
      f: '2026-01-31',
      g: null,
      h: 'yes',
    });
  });

  it.each(['08', '09', '1e3', '12e03', '1234e56', '1E5', '1.0e3', '+.5', '.'])(
    'reads %s as text, as it does',
    (word) => {
      expect(read(`a: ${word}\n`)).toEqual({ a: word });
    },
  );

  it.each([
    ['1.5e+3', 1500],
    ['-1.5', -1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0', 0],
    ['.inf', Infinity],
  ])('reads %s as a number, as it does', (word, number) => {
    expect(read(`a: ${word}\n`)).toEqual({ a: number });
  });

  it('merges maps, the nearer key winning', () => {
    const file = 'base: &base {x: 1, y: 1}\nmore: &more {y: 2, z: 2}\nall:\n  <<: [*base, *more]\n  x: 0\n';

    expect(read(file)).toMatchObject({ all: { x: 0, y: 1, z: 2 } });
  });

  it('ignores a byte order mark', () => {
    expect(read('\uFEFFa: 1\n')).toEqual({ a: 1 });
  });

  it('gives an empty file as nothing', () => {
    expect([read(''), read('# only this\n'), read('---\n')]).toEqual([null, null, null]);
  });

  it.each([
    [
      'broken syntax',
      'a: b: c\n',
      'FILE:1: is not valid YAML: Nested mappings are not allowed in compact mappings',
    ],
    ['a tab as indentation', 'a:\n\tb: 1\n', 'FILE:2: a tab indents this line, expected spaces'],
    ['two documents', 'a: 1\n---\nb: 1\n', 'FILE:2: a second document begins here, expected a single one'],
    ['a repeated key', 'a:\n  b: 1\n  b: 2\n', 'FILE:3: a.b: is given twice, expected it once'],
    [
      'a key that is a number',
      'a: {8: b}\n',
      'FILE:1: a: the key "8" is not text, expected a name (in quotes if it looks like a number)',
    ],
    [
      'a key that is a list',
      '? [a]\n: b\n',
      'FILE:1: a key is not text, expected a name (in quotes if it looks like a number)',
    ],
    ['an unknown tag', 'a: !run now\n', 'FILE:1: is not valid YAML: Unresolved tag: !run'],
    ['binary data', 'a: !!binary aGVsbG8=\n', 'FILE:1: a: is binary, expected text'],
    [
      'an alias of itself',
      'a: &a [*a]\n',
      'FILE:1: a.0.0: *a leads to itself or nowhere, expected an anchor above it',
    ],
    ['a control character', 'a: 1\nb: \u0000\n', 'FILE:2: holds a control character, expected a YAML file'],
    ['another encoding', Buffer.from('a: é', 'latin1'), 'FILE:1: is not UTF-8 text, expected a YAML file'],
    [
      'ten megabytes',
      '#'.repeat(10_000_000),
      'FILE:1: is larger than 1 MiB, expected a file that fits a ConfigMap',
    ],
    ['endless brackets', '['.repeat(500_000), 'FILE:1: is nested too deeply, expected a configuration'],
    ['endless dashes', '- '.repeat(400_000), 'FILE:1: is nested too deeply, expected a configuration'],
    ['endless braces', '{a: '.repeat(100_000), /^FILE:1: is nested too deeply, expected a configuration$/m],
  ])('refuses %s in a sentence', (_, content, sentence) => {
    const said = refusal(aFile(content));

    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });

  it('stops aliases that multiply', () => {
    const lines = Array.from(
      { length: 12 },
      (_, step) => `a${step + 1}: &a${step + 1} [${Array(9).fill(`*a${step}`).join(',')}]`,
    );

    expect(refusal(aFile(`a0: &a0 [x]\n${lines.join('\n')}\n`))).toMatch(
      /^FILE:\d+: aliases repeat more than 10000 values, expected fewer$/,
    );
  });

  it('says why a path cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-config-'));
    mkdirSync(join(folder, 'directory'));
    symlinkSync('loop', join(folder, 'loop'));
    const said = ['directory', 'missing', 'loop', 'x'.repeat(300)].map((name) => refusal(join(folder, name)));

    expect(
      said.map((line) => /^FILE:1: cannot be read: (.*), expected a YAML file$/.exec(line)?.[1]),
    ).toEqual([
      'is a directory',
      'there is no such file',
      'is a symbolic link that leads nowhere',
      'has a name that is too long',
    ]);
  });
  it('says so of a name that no file can have', () => {
    expect(refusal('nul\0')).toContain('cannot be read');
  });
});

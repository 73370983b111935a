import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aConfigText, aFile } from '../../test/gen/config-file.gen.js';
import { runConfigCheck } from './config-check.js';

interface Printed {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

function check(file: string, extra?: string): Printed {
  const out: string[] = [];
  const err: string[] = [];
  const code = runConfigCheck(file, extra, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

const VALID = readFileSync('test/fixtures/config/current.yaml', 'utf8');
const scratch = aFile('');

/** What holds for every input: an exit code that fits, single lines in our form, nothing of our inside. */
function holdsForAnything(content: string | Uint8Array): void {
  writeFileSync(scratch, content);
  const { code, out, err } = check(scratch);

  for (const line of [...out, ...err]) {
    expect(line).not.toMatch(
      /[\n\r\u2028\u2029]|\bat .*\.[jt]s:\d+|undefined|\[object|ZodError|Invalid input/,
    );
  }
  if (code === 0) expect(out).toEqual([expect.stringContaining(`${scratch}: accepted`)]);
  else {
    expect(code).toBe(1);
    expect(out.length).toBeGreaterThan(0);
    for (const line of out)
      expect(line).toMatch(
        new RegExp(`^${scratch}:[1-9]\\d*: .*, expected |^${scratch}:[1-9]\\d*: is not valid YAML: `),
      );
  }
}

describe('runConfigCheck', () => {
  it.each(['demo/config.yaml', 'test/fixtures/config/current.yaml', 'test/fixtures/config/snake-case.yaml'])(
    'accepts %s without a warning',
    (file) => {
      expect(check(file)).toEqual({ code: 0, out: [`${file}: accepted`], err: [] });
    },
  );

  it('accepts a file of the generation before, with warnings apart', () => {
    const { code, out, err } = check('test/fixtures/config/nublado7.yaml');

    expect([code, out.length]).toEqual([0, 1]);
    expect(err).toContain(
      'warning: test/fixtures/config/nublado7.yaml:4: profile: is of an earlier generation, expected now: use logProfile',
    );
  });

  it('prints one line for each problem and answers 1', () => {
    const file = aFile(aConfigText(['spawnTimeout: soon'], ['berth: {drain: never}']));

    expect(check(file)).toEqual({
      code: 1,
      out: [
        `${file}:10: lab.spawnTimeout: "soon" is not understood, expected a duration such as 90, "5m" or "1d 12h"`,
        `${file}:11: berth.drain: "never" is not understood, expected a duration above zero such as 15 or "70s"`,
      ],
      err: [],
    });
  });

  it('names a map once where text or a list belongs, whatever its keys', () => {
    const lane = '{name: staff, groups: {length: 0}}';
    const file = aFile(aConfigText([], ['name: {length: {}}', `berth: {queue: {lanes: [${lane}]}}`]));

    expect(check(file).out).toEqual([
      `${file}:10: name: is a map of keys, expected text`,
      `${file}:11: berth.queue.lanes.0.groups: is a map of keys, expected a list`,
    ]);
  });

  it('judges a second file together with the first', () => {
    const extra = aFile('drain: never\n');

    expect(check(aFile(aConfigText()), extra).out).toEqual([
      expect.stringContaining(`${extra}:1: berth.drain: `),
    ]);
  });

  it('does not print a secret that stands where it should not', () => {
    const file = aFile(
      aConfigText(
        [],
        ['berth: {auth: {proxySecret: hunter2, development: {users: [{token: 5, uid: hunter2}]}}}'],
      ),
    );

    expect(check(file).out.join()).not.toContain('hunter2');
  });

  it('speaks in sentences about any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array()), holdsForAnything),
      {
        numRuns: 100,
      },
    );
  });

  it('speaks in sentences about a valid file in which something was changed', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\n',
        '  ',
        ': ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '<<: ',
        '!!set ',
        '"',
        "'",
        '#',
        '|',
        '\t',
        '0',
        'null',
      ),
      fc.string({ maxLength: 5 }),
    );
    const edit = fc.record({ at: fc.nat(VALID.length), cut: fc.nat(12), put: piece });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        holdsForAnything(
          edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), VALID),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('speaks in sentences about a valid file in which a value has another form', () => {
    const lines = VALID.split('\n');
    const value = fc.oneof(
      fc.constantFrom(
        'null',
        '[]',
        '{}',
        '-1',
        '1e400',
        'yes',
        '~',
        '[[]]',
        '{a: {b: c}}',
        '2026-01-31',
        '.nan',
        '!!binary aGk=',
      ),
      fc.json({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.nat(lines.length - 1), value, (at, put) => {
        const changed = lines.map((line, index) =>
          index === at ? line.replace(/(:|-) .*|:$/, (found) => `${found.charAt(0)} ${put}`) : line,
        );
        holdsForAnything(changed.join('\n'));
      }),
      { numRuns: 80 },
    );
  });
});

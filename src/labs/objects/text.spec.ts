import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bytes, milliCpu } from '../../common/units.js';
import { cpuText, memoryLabel, shellQuote, sortedJson, spacedJson, titleCase } from './text.js';

describe('cpuText', () => {
  it.each([
    [1000, '1.0'],
    [250, '0.25'],
    [9000, '9.0'],
    [1, '0.001'],
    [0, '0.0'],
    [1500, '1.5'],
  ])('writes %d thousandths as %s', (cpu, text) => {
    expect(cpuText(milliCpu(cpu))).toBe(text);
  });
});

describe('memoryLabel', () => {
  it.each([
    [3 * 1024 ** 3, '3Gi'],
    [123_456_789, '117.738Mi'],
    [100, '100Byte'],
    [1023, '1023Byte'],
    [1024, '1Ki'],
    [1536 * 1024 ** 2, '1.5Gi'],
    [0, '0Byte'],
  ])('calls %d bytes %s', (memory, label) => {
    expect(memoryLabel(bytes(memory))).toBe(label);
  });
});

describe('titleCase', () => {
  it.each([
    ['small', 'Small'],
    ['r2d2_x', 'R2D2 X'],
    ['HUGE one', 'Huge One'],
    ['élan', 'Élan'],
  ])('writes %s as %s', (text, title) => {
    expect(titleCase(text)).toBe(title);
  });
});

describe('shellQuote', () => {
  it('leaves plain words alone', () => {
    expect(shellQuote('/opt/run-lab.sh')).toBe('/opt/run-lab.sh');
    expect(shellQuote('--name=a,b:c@d+e%')).toBe('--name=a,b:c@d+e%');
  });

  it('quotes the empty word, blanks and quotes', () => {
    expect(shellQuote('')).toBe("''");
    expect(shellQuote('two words')).toBe("'two words'");
    expect(shellQuote("it's")).toBe(`'it'"'"'s'`);
  });

  it('is read back by a shell as the same words', () => {
    const word = fc.string({ maxLength: 20, unit: 'grapheme' }).filter((text) => !text.includes('\0'));

    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const line = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`;

        const read = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' });

        expect(read.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });
});

describe('JSON texts', () => {
  it('separates with blanks and escapes what is not ASCII', () => {
    expect(
      spacedJson([
        { name: 'Zoë', id: 1 },
        { name: '𝄞', id: 2 },
      ]),
    ).toBe('[{"name": "Zo\\u00eb", "id": 1}, {"name": "\\ud834\\udd1e", "id": 2}]');
  });

  it('sorts keys at every depth', () => {
    expect(sortedJson({ b: { d: 1, c: [] }, a: 'é' })).toBe(
      '{\n  "a": "\\u00e9",\n  "b": {\n    "c": [],\n    "d": 1\n  }\n}',
    );
  });

  it('means the same as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));

        expect(JSON.parse(spacedJson(plain))).toEqual(plain);
        expect(JSON.parse(sortedJson(plain))).toEqual(plain);
        expect(spacedJson(plain)).toMatch(/^[ -~]*$/);
      }),
    );
  });
});

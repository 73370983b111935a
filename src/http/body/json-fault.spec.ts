import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('jsonFault', () => {
  it('finds no fault in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonFault(JSON.stringify(value, null, 1))).toBeUndefined();
      }),
    );
  });

  it('agrees with JSON.parse on damaged documents, and points into the text', () => {
    const damaged = fc
      .tuple(fc.jsonValue(), fc.nat(), fc.constantFrom('', ',', ']', '}', '"', '1', ':', 'x', '\\'))
      .map(([value, place, put]) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        return text.slice(0, at) + put + text.slice(at + 1);
      });

    fc.assert(
      fc.property(damaged, (text) => {
        const fault = jsonFault(text);
        expect(fault === undefined).toBe(isJson(text));
        expect(fault ?? 0).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['{nope}', 1],
    ['{"a": }', 6],
    ['[1, 2', 5],
    ['', 0],
    ['{"a": 1} x', 9],
  ])('names the place where %s stops being JSON', (text, at) => {
    expect(jsonFault(text)).toBe(at);
  });
});

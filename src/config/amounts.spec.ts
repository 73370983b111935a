import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCpu, parseMemory } from './amounts.js';

describe('parseMemory', () => {
  it.each([
    [1024, 1024],
    [1.9, 1],
    ['1024', 1024],
    ['1.5', 1],
    ['1K', 1000],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1KiB', 1024],
    ['3Gi', 3 * 1024 ** 3],
    ['3 GiB', 3 * 1024 ** 3],
    ['3giB', 3 * 1024 ** 3],
    ['1GB', 1e9],
    ['5m', 5e6],
    ['0.75Gi', 805306368],
    ['0.1Gi', 107374182],
    ['10B', 10],
    ['10 bytes', 10],
    ['1byte', 1],
    ['17b', 2],
    ['8 bits', 1],
    ['1P', 1e15],
    ['0', 0],
  ])('reads %j as %d bytes', (written, count) => {
    expect(parseMemory(written)).toBe(count);
  });

  it.each(['24D', '', 'Gi', '-1', '1 2', '1Gib', '1Gb', '1e3', '1,5Gi', '8E', 'lots', '0x10'])(
    'refuses %j',
    (written) => {
      expect(parseMemory(written)).toBeUndefined();
    },
  );

  it('refuses numbers that count nothing', () => {
    expect([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60].map(parseMemory)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('reads a multiple of a unit as that many units', () => {
    const units = ['Ki', 'Mi', 'Gi'].map((unit, step) => [unit, 1024 ** (step + 1)] as const);
    fc.assert(
      fc.property(fc.nat(9999), fc.constantFrom(...units), (count, [unit, size]) => {
        expect(parseMemory(`${count}${unit}`)).toBe(count * size);
      }),
    );
  });
});

describe('parseCpu', () => {
  it.each([
    [1, 1000],
    [0.25, 250],
    [0.1, 100],
    ['250m', 250],
    ['0.5', 500],
    ['.5', 500],
    ['1.', 1000],
    ['4.000', 4000],
    ['1.2500', 1250],
    ['0', 0],
  ])('reads %j as %d thousandths of a core', (written, count) => {
    expect(parseCpu(written)).toBe(count);
  });

  it.each(['1.0005', '1.5m', '-1', '', 'm', 'one', '1 core', '.', '1e3'])('refuses %j', (written) => {
    expect(parseCpu(written)).toBeUndefined();
  });

  it('refuses numbers with finer parts', () => {
    expect([0.0001, 1.0005, -0.5, Number.NaN, Number.POSITIVE_INFINITY].map(parseCpu)).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('reads the same from thousandths, from a number and from its text', () => {
    fc.assert(
      fc.property(fc.nat(200_000), (count) => {
        const readings = [parseCpu(`${count}m`), parseCpu(count / 1000), parseCpu(String(count / 1000))];

        expect(readings).toEqual([count, count, count]);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    [0, 0],
    [90, 90],
    [0.5, 0.5],
    ['300', 300],
    ['1.5', 1.5],
    ['5m', 300],
    ['1d', 86_400],
    ['4h 3minutes', 14_580],
    ['1w2d3h4m5s', 788_645],
    ['2 weeks 1 day 1 hour 1 min 1 second', 1_299_661],
    ['3 mins 2 secs', 182],
    ['1hr', 3600],
    [' 10 s ', 10],
  ])('reads %j as %d seconds', (written, seconds) => {
    expect(parseDuration(written)).toBe(seconds * 1000);
  });

  it.each(['', ' ', 'soon', '5', '3s 4m', '1.5h', '-5m', '5 M', 'P1D', '4h3', '1y', '9999999999999s'])(
    'refuses %j unless it is a plain number',
    (written) => {
      expect(parseDuration(written)).toBe(written === '5' ? 5000 : undefined);
    },
  );

  it('refuses numbers that are no span', () => {
    expect([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12].map(parseDuration)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('adds up what is written', () => {
    const amounts = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99));
    fc.assert(
      fc.property(amounts, ([days, hours, minutes, seconds]) => {
        const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;

        expect(parseDuration(`${days}d ${hours}h${minutes}m ${seconds}s`)).toBe(total * 1000);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalQuantity, formatNanos, nanosOf } from './quantity.js';

describe('canonicalQuantity', () => {
  // Each pair was stored and read back by Kubernetes 1.35.1.
  it.each([
    ['0.25', '250m'],
    ['1.0', '1'],
    ['1.5Gi', '1536Mi'],
    ['1.0Gi', '1Gi'],
    ['2147483648', '2147483648'],
    ['1000m', '1'],
    ['0', '0'],
    ['512', '512'],
    ['1e3', '1e3'],
  ])('writes %s as %s', (given, wanted) => {
    expect(canonicalQuantity(given)).toBe(wanted);
  });

  it.each(['', 'abc', '1.2.3', '1 Gi', '--1', 'Gi'])('refuses %j', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined();
  });

  it('keeps the amount, and is stable when written again', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), suffix, (amount, unit) => {
        const canonical = canonicalQuantity(`${amount}${unit}`) ?? '';

        expect(nanosOf(canonical)).toBe(nanosOf(`${amount}${unit}`));
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
    );
  });

  it('writes sums in the form of their limit', () => {
    expect(formatNanos(nanosOf('512Mi') + nanosOf('512Mi'), '4Gi')).toBe('1Gi');
    expect(formatNanos(nanosOf('500m') + nanosOf('1'), '2')).toBe('1500m');
  });
});

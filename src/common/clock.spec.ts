import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SystemClock } from './clock.js';
import { Deadline } from './deadline.js';
import { parseDuration } from './duration.js';
import { millis } from './units.js';

describe('SystemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const spanOf = (written: string): number => parseDuration(written) ?? NaN;

  it.each(['1s', '24d', '25d', '30d', '100d', '5200w'])('calls back once after %s', (span) => {
    let calls = 0;
    new SystemClock().after(millis(spanOf(span)), () => (calls += 1));

    vi.advanceTimersByTime(spanOf(span) - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(spanOf(span));
    expect(calls).toBe(1);
  });

  it('can be cancelled at any time before', () => {
    const cancel = new SystemClock().after(millis(spanOf('60d')), () => {
      throw new Error('cancelled');
    });

    vi.advanceTimersByTime(spanOf('59d'));
    cancel();

    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives a deadline of a month its month', () => {
    const bound = new Deadline(new SystemClock(), millis(spanOf('30d'))).bind();

    vi.advanceTimersByTime(spanOf('29d'));
    expect(bound.signal.aborted).toBe(false);
    vi.advanceTimersByTime(spanOf('1d'));

    expect(bound.signal.aborted).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WritePace } from './write-pace.js';

describe('WritePace', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets writes through one after the other, as many a second as it was told', async () => {
    const pace = new WritePace(100, () => Date.now());
    const served: number[] = [];
    for (let index = 0; index < 50; index += 1) {
      void Promise.resolve(pace.turn('POST')).then(() => served.push(index));
    }

    await vi.advanceTimersByTimeAsync(100);
    expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    await vi.advanceTimersByTimeAsync(400);
    expect(served).toHaveLength(50);
  });

  it('gives no credit for a pause', () => {
    const pace = new WritePace(100, () => Date.now());
    vi.advanceTimersByTime(60_000);

    expect(pace.turn('POST')).toBeUndefined();
    expect(pace.turn('DELETE')).toBeInstanceOf(Promise);
  });

  it('holds no read, and nobody without a number', () => {
    const pace = new WritePace(1, () => Date.now());
    const free = new WritePace(undefined);

    expect([pace.turn('POST'), pace.turn('GET'), free.turn('POST'), free.turn('POST')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

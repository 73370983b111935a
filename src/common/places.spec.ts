import { describe, expect, it } from 'vitest';
import { Places } from './places.js';

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Places', () => {
  it('gives a place on when whoever has it is done, well or not, in the order of asking', async () => {
    const places = new Places(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const taken = [0, 1, 2, 3].map((number) =>
      places.take(async () => {
        begun.push(number);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (number === 0) throw new Error('broken');
        return number;
      }),
    );

    await flush();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await expect(taken[0]).rejects.toThrow('broken');
    await flush();
    expect(begun).toEqual([0, 1, 2]);
    ends[2]?.();
    expect(await taken[2]).toBe(2);
    for (const end of ends) end();
    await flush();
    for (const end of ends) end();

    expect(await taken[3]).toBe(3);
  });

  it('has as many places again when nobody waits', async () => {
    const places = new Places(1);
    for (let round = 0; round < 3; round += 1)
      expect(await places.take(() => Promise.resolve(round))).toBe(round);
  });
});

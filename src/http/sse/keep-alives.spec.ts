import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { seconds } from '../../common/units.js';
import { KeepAlives } from './keep-alives.js';
import type { Speaker } from './keep-alives.js';

class Counting implements Speaker {
  reminded = 0;

  remind(): void {
    this.reminded += 1;
  }
}

describe('KeepAlives', () => {
  let clock: FakeClock;
  let alive: KeepAlives;

  beforeEach(() => {
    clock = new FakeClock();
    alive = new KeepAlives(clock, seconds(15));
  });

  it('reminds who has been silent for the pause, again and again', async () => {
    const one = new Counting();
    alive.spoke(one);

    await clock.advance(14_900);
    expect(one.reminded).toBe(0);
    await clock.advance(200);
    expect(one.reminded).toBe(1);
    await clock.advance(15_200);
    expect(one.reminded).toBe(2);
  });

  it('leaves alone who has spoken meanwhile, and who speaks no more', async () => {
    const [talker, gone, silent] = [new Counting(), new Counting(), new Counting()];
    for (const one of [talker, gone, silent]) alive.spoke(one);

    await clock.advance(10_000);
    alive.spoke(talker);
    alive.forget(gone);
    await clock.advance(5_500);

    expect([talker, gone, silent].map(({ reminded }) => reminded)).toEqual([0, 0, 1]);
    await clock.advance(10_000);
    expect(talker.reminded).toBe(1);
  });

  it('reaches all of a crowd that fell silent together', async () => {
    const crowd = Array.from({ length: 1_000 }, () => new Counting());
    for (const one of crowd) alive.spoke(one);

    await clock.advance(15_000);
    expect(crowd.filter(({ reminded }) => reminded > 0)).toHaveLength(100);
    await clock.advance(1_000);

    expect(crowd.every(({ reminded }) => reminded === 1)).toBe(true);
  });
});

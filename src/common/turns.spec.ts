import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { millis } from './units.js';
import { Turns } from './turns.js';

/** Work of a millisecond each, as far as the clock can tell. */
async function work(turns: Turns, clock: FakeClock, done: () => void): Promise<void> {
  await turns.pass('cluster');
  await clock.advance(1);
  done();
}

describe('Turns', () => {
  it('lets work go on at once while its turn has time left', () => {
    const turns = new Turns(new FakeClock());

    for (let index = 0; index < 100; index += 1) expect(turns.pass('cluster')).toBeUndefined();
  });

  it('leaves others their turn when its own is over, and lets all pass in their order', async () => {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    const passed: number[] = [];
    const others = { turns: 0, over: false };
    const counting = (async () => {
      for (; !others.over; others.turns += 1) await nextTurn();
    })();

    await turns.pass('cluster');
    await clock.advance(5);
    await Promise.all(Array.from({ length: 20 }, (_, index) => work(turns, clock, () => passed.push(index))));
    others.over = true;
    await counting;

    expect(passed).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(others.turns).toBeGreaterThan(1);
  });

  it('lets people go before the cluster, newcomers last of them, and the cluster now and then all the same', async () => {
    const time = { passed: 0 };
    const clock = new FakeClock();
    clock.monotonic = () => millis(time.passed);
    const turns = new Turns(clock);
    const passed: string[] = [];
    void turns.pass('cluster');
    time.passed += 5;

    const lanes = ['cluster', 'cluster', 'newcomers', 'people', 'people', 'people', 'people'] as const;
    await Promise.all(lanes.map(async (lane) => turns.pass(lane)?.then(() => passed.push(lane))));

    expect(passed).toEqual(['people', 'people', 'people', 'cluster', 'people', 'newcomers', 'cluster']);
  });

  it('goes on after a pause', async () => {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    await turns.pass('cluster');
    await clock.advance(5);

    await nextTurn();
    await nextTurn();

    expect(turns.pass('cluster')).toBeUndefined();
  });
});

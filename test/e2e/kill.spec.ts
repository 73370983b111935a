import { describe, expect, it } from 'vitest';
import { moments, spawnOnce } from '../support/kill-scenario.js';

describe('the built process, killed in the middle of a spawn', () => {
  /**
   * @promise nothing is lost
   * @fault the built process is killed at one of five moments of a spawn
   * @outcome the next one brings the lab up; what was told before stays, each event once
   */
  it('loses nothing at any of five moments', async () => {
    const undisturbed = await spawnOnce();
    const seed = Number(process.env.BERTH_SEED ?? Math.floor(Math.random() * 1_000_000));

    const outcomes = await Promise.all(
      moments(5, undisturbed.writes, seed).map((moment) => spawnOnce(moment)),
    );

    for (const { objects } of outcomes) expect(objects, `BERTH_SEED=${seed}`).toEqual(undisturbed.objects);
  }, 300_000);
});

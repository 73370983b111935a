import { beforeAll, describe, expect, it } from 'vitest';
import { moments, spawnOnce, type Outcome } from '../support/kill-scenario.js';

const AT_A_TIME = 8;
const MOMENTS = 50;

describe('the built process, killed in the middle of a spawn', () => {
  const seed = Number(process.env.BERTH_SEED ?? Math.floor(Math.random() * 1_000_000));
  let undisturbed: Outcome;

  beforeAll(async () => {
    undisturbed = await spawnOnce();
    console.log(`seed ${String(seed)} (BERTH_SEED repeats it); ${String(undisturbed.writes)} writes a spawn`);
  });

  /**
   * @promise nothing is lost
   * @fault the built process is killed at one of fifty moments of a spawn (`npm run test:crash`)
   * @outcome the next one brings the lab up; what was told before stays, each event once
   */
  it('loses nothing at any of fifty moments', async () => {
    const queue = [...moments(MOMENTS, undisturbed.writes, seed)];
    let survived = 0;
    const worker = async (): Promise<void> => {
      for (let moment = queue.shift(); moment; moment = queue.shift()) {
        const outcome = await spawnOnce(moment);
        expect(outcome.objects, `after a kill at ${JSON.stringify(moment)}`).toEqual(undisturbed.objects);
        survived += 1;
      }
    };

    await Promise.all(Array.from({ length: AT_A_TIME }, worker));

    expect(survived).toBe(MOMENTS);
  });
});

import { describe, expect, it } from 'vitest';

import { soak } from '../../soak/soak.js';

const ROUNDS = 5;

describe('a few rounds of the soak', () => {
  /**
   * @promise nothing is lost
   * @fault for as long as one likes, at random: spawns, stops, crashes, faults of calls and watches, silent nodes, deletions
   *   by strangers (`npm run soak -- --minutes N --seed S`)
   * @outcome after each round all comes to rest: one record a lab, no object without its record, no record without its
   *   objects, each story told once and the same by all replicas; memory stays flat
   */
  it('leave everything in order', async () => {
    const seed = Number(process.env.BERTH_SEED ?? Math.floor(Math.random() * 1_000_000));

    const report = await soak({ seed, goesOn: (round) => round < ROUNDS });

    expect(report.problems, `npm run soak -- --seed ${seed} --rounds ${report.rounds}`).toEqual([]);
    expect(report.rounds).toBe(ROUNDS);
  });
});

import { describe, expect, it } from 'vitest';

import { pooled } from '../../support/work.js';
import { spawnUnder } from '../support/watch-run.js';
import type { Moment } from '../support/watch-run.js';
import { WATCHES, WATCH_FAULTS } from '../support/watch-kinds.js';
import type { WatchFault, WatchName } from '../support/watch-kinds.js';

/** Half of them each: every fault hits some lists and some later watches, and so is every watch hit. */
function momentOf(watch: WatchName, fault: WatchFault): Moment {
  const index = Object.keys(WATCHES).indexOf(watch) + Object.keys(WATCH_FAULTS).indexOf(fault);
  return index % 2 === 0 ? 'as it lists' : 'later';
}

describe('a watch that fails', () => {
  /**
   * @promise nothing is lost
   * @fault any watch ends, resets, freezes, expires, fails, repeats itself, reorders, stutters, or sends garbage
   * @outcome the lab comes up and goes as if nothing had been
   */
  it.each(Object.keys(WATCH_FAULTS) as WatchFault[])(
    'brings a lab up and down in spite of: %s',
    async (fault) => {
      const broken: string[] = [];
      const watches = Object.keys(WATCHES) as WatchName[];

      await pooled(
        watches,
        async (watch) => {
          const ending = await spawnUnder(watch, fault, momentOf(watch, fault));
          if (ending !== 'complete') broken.push(`${watch}: ${ending}`);
        },
        4,
      );

      console.log(`${fault}: ${watches.length} watches`);
      expect(broken).toEqual([]);
    },
  );
});

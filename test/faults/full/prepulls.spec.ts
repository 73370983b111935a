import { describe, expect, it } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { Run } from '../../support/converge-run.js';
import { pooled } from '../../support/work.js';
import { PREPULL } from '../support/prepull-flows.js';
import { PREPULL_WATCHES, WATCH_FAULTS, listInPages, spoil } from '../support/watch-kinds.js';
import type { WatchFault } from '../support/watch-kinds.js';

/** Most of them wait for a watchdog. */
const AT_ONCE = 10;

describe('prepulling', () => {
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of prepulling
   * @outcome the next one brings every image to every node; no pod and no failure that is overcome stays
   */
  itConverges(PREPULL);
  /**
   * @promise nothing is lost
   * @fault any one request of prepulling meets 409, 429, 500, 503, a reset, a hang, or a stale read
   * @outcome every image comes to every node; no pod and no failure that is overcome stays
   */
  itEndures(PREPULL);

  /**
   * @promise nothing is lost
   * @fault the watch of nodes, prepull pods or `NodeImages` ends, resets, freezes, expires, fails, repeats itself or sends garbage
   * @outcome every image comes to every node as if nothing had been
   */
  it('comes to the same end whatever happens to a watch', async () => {
    const { picture } = await new Run(PREPULL).undisturbed();
    const faults = Object.keys(WATCH_FAULTS) as WatchFault[];
    const cases = Object.entries(PREPULL_WATCHES).flatMap(([watch, isMeant], nth) =>
      faults.map((fault, index) => ({ watch, isMeant, fault, isLater: (nth + index) % 2 === 1 })),
    );
    const failures: string[] = [];

    const pull = async ({ watch, isMeant, fault, isLater }: (typeof cases)[number]): Promise<void> => {
      const run = new Run(PREPULL).spoilt(
        (proxy) => spoil(proxy, isLater ? listInPages(proxy, isMeant) : isMeant, fault),
        picture,
      );
      const ending = await run.catch((error: unknown) => String(error));
      if (ending !== true) failures.push(`${watch}, ${fault}: ${String(ending)}`);
    };
    await pooled(cases, pull, AT_ONCE);

    console.log(`prepull: ${cases.length} faults of watches`);
    expect(failures).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { Run } from '../../support/converge-run.js';
import { roomScenario } from '../../support/room-scenario.js';
import { pooled } from '../../support/work.js';
import { ADOPT_FILES, ASKING_FILES, CLOSE_FILES, OPEN_FILES, PATIENT_FILES } from '../support/file-flows.js';
import { FILE_WATCHES, WATCH_FAULTS, listInPages, spoil } from '../support/watch-kinds.js';
import type { WatchFault } from '../support/watch-kinds.js';

/** Most of them wait for a watchdog. */
const AT_ONCE = 10;

describe('a file server in spite of everything', () => {
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request that opens a file server, so that it is left half made
   * @outcome the next one brings it up; whoever asks again gets it
   */
  itConverges(roomScenario(OPEN_FILES));
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of opening and removing a file server
   * @outcome the next one ends it; nothing is left but the record
   */
  itConverges(roomScenario(CLOSE_FILES));
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request for a file server that asks us, its key and the master key included
   * @outcome the next one ends it; no key is left in the namespace of file servers
   */
  itConverges(roomScenario({ ...ASKING_FILES, every: 2 }));
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of the adoption of a file server
   * @outcome the next one adopts it, and makes what leads to it
   */
  itConverges(roomScenario({ ...ADOPT_FILES, every: 2 }));
  /**
   * @promise nothing is lost
   * @fault any one request of opening or removing a file server meets 409, 410, 422, 429, 500, 503, a reset, a hang, or a stale read
   * @outcome whoever asks again gets what they asked for; nothing is left behind
   */
  itEndures(roomScenario(OPEN_FILES));
  itEndures(roomScenario(CLOSE_FILES));

  /**
   * @promise nothing is lost
   * @fault any watch that file servers live on ends, resets, freezes, expires, fails, repeats itself or sends garbage
   * @outcome the server comes up and goes as if nothing had been
   */
  it('comes to the same end whatever happens to a watch', async () => {
    const scenario = roomScenario(PATIENT_FILES);
    const { picture } = await new Run(scenario).undisturbed();
    const faults = Object.keys(WATCH_FAULTS) as WatchFault[];
    const cases = Object.entries(FILE_WATCHES).flatMap(([watch, isMeant], nth) =>
      faults.map((fault, index) => ({ watch, isMeant, fault, isLater: (nth + index) % 2 === 1 })),
    );
    const failures: string[] = [];

    const play = async ({ watch, isMeant, fault, isLater }: (typeof cases)[number]): Promise<void> => {
      const run = new Run(scenario).spoilt(
        (proxy) => spoil(proxy, isLater ? listInPages(proxy, isMeant) : isMeant, fault),
        picture,
      );
      const ending = await run.catch((error: unknown) => String(error));
      if (ending !== true) failures.push(`${watch}, ${fault}: ${String(ending)}`);
    };
    await pooled(cases, play, AT_ONCE);

    console.log(`files: ${cases.length} faults of watches`);
    expect(failures).toEqual([]);
  });
});

import { expect, it } from 'vitest';
import { spoil, WATCH_FAULTS, WATCHES } from '../../faults/support/watch-kinds.js';
import type { WatchFault, WatchName } from '../../faults/support/watch-kinds.js';
import { Run } from '../../support/converge-run.js';
import { pooled } from '../../support/work.js';
import { realSpawn } from '../support/real-stage.js';
import { describeReal } from '../support/shared-cluster.js';

/** A cluster that many share tells more than such a watch lets through: only those of our own namespace meet it. */
const SLOW: readonly string[] = ['slow drip', 'two seconds of lag'] satisfies WatchFault[];
const OWN: readonly string[] = ['labs', 'stopped labs', 'requests'] satisfies WatchName[];
/** Given up after a minute and a half, which nobody wants to wait for here. */
const SILENT = /^half-open/;
const LIMIT_MS = 300_000;

describeReal('watches that fail, on a real control plane', (cluster) => {
  /**
   * @promise nothing is lost
   * @fault on a real control plane, all watches of a process end, reset, expire, fail, repeat themselves, reorder, stutter or send garbage, one fault a run
   * @outcome the lab comes up as if nothing had been; each event is told once
   */
  it(
    'a lab comes up in spite of each fault in all of them',
    async () => {
      const scenario = realSpawn(cluster);
      const { picture } = await new Run(scenario).undisturbed();
      const faults = (Object.keys(WATCH_FAULTS) as WatchFault[]).filter((fault) => !SILENT.test(fault));
      const broken: string[] = [];

      await pooled(faults, async (fault) => {
        const watches = (Object.keys(WATCHES) as WatchName[]).filter(
          (watch) => !SLOW.includes(fault) || OWN.includes(watch),
        );
        const happened = await new Run(scenario)
          .spoilt((proxy) => {
            for (const watch of watches) spoil(proxy, WATCHES[watch], fault, watch === 'pod events' ? 0 : 1);
          }, picture)
          .catch((error: unknown) => String(error));
        if (happened !== true) broken.push(`${fault}: ${String(happened)}`);
      });

      console.log(`${String(faults.length)} faults of watches: ${faults.join(', ')}`);
      expect(broken).toEqual([]);
    },
    LIMIT_MS,
  );
});

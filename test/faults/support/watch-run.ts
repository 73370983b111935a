import { startFaultProxy } from '../../../simulator/faults/index.js';
import { inTime } from '../../support/work.js';
import { SPAWN_CALLS, leavesNothing } from './call-run.js';
import type { Ending } from './call-run.js';
import { USER, quickCluster, quickRuntime } from './lab-flows.js';
import { WATCHES, listInPages, spoil } from './watch-kinds.js';
import type { WatchFault, WatchName } from './watch-kinds.js';

/** Whether the fault hits the watch that begins with a list, or those after a list in pages. */
export type Moment = 'as it lists' | 'later';

/** A spawn, and the removal after it, while one of the process's watches fails in one way. */
export async function spawnUnder(watch: WatchName, fault: WatchFault, when: Moment): Promise<Ending> {
  // A silent watch is given up after a minute and a half.
  const { cluster, clock } = await quickCluster(/half-open|lag/.test(fault) ? 10 : 1);
  const proxy = await startFaultProxy({ target: cluster.api.url });
  const isMeant = when === 'later' ? listInPages(proxy, WATCHES[watch]) : WATCHES[watch];
  spoil(proxy, isMeant, fault, watch === 'pod events' ? 0 : 1);
  const runtime = await quickRuntime(clock, proxy.kubeconfig('berth'));
  const player = { cluster, proxy, runtime };
  try {
    const ending = await inTime(
      runtime.readiness.whenReady().then(() => SPAWN_CALLS.play(player, USER)),
      'the spawn',
    );
    await inTime(leavesNothing(player, USER), 'the removal');
    return proxy.requests.some((seen) => seen.fault !== undefined) ? ending : 'the fault did not happen';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await runtime.close();
    await proxy.close();
    await cluster.close();
  }
}

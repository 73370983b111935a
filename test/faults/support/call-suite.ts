import { startFaultProxy } from '../../../simulator/faults/index.js';
import type { FaultProxy } from '../../../simulator/faults/index.js';
import { inTime, pooled } from '../../support/work.js';
import { until } from '../../support/until.js';
import { CALL_FAULTS, CALL_FAULT_NAMES, canMeet } from '../../support/call-faults.js';
import { classOf, concerns } from './lab-calls.js';
import type { CallFault, SeenRequest } from '../../support/call-faults.js';
import { ADOPT_CALLS, leavesNothing } from './call-run.js';
import type { CallFlow, Ending, Player } from './call-run.js';
import { makeNublado, quickCluster, quickRuntime } from './lab-flows.js';
import { storyOf, aCreate } from '../../support/labs-runtime.js';

const AT_ONCE = 12;
/** Room for all of them on three nodes. */
export const CAPACITY = { cpu: '256', memory: '1Ti', pods: '1000', 'ephemeral-storage': '1Ti' };

export interface CallResult {
  /** Number and class of the request that met the fault. */
  readonly request: number;
  readonly call: string;
  readonly fault: CallFault;
  readonly ending: Ending;
}

interface Case {
  readonly user: string;
  readonly request: number;
  readonly call: string;
  readonly fault: CallFault;
}

/** A cluster with one process on it, behind a proxy. */
export async function startPlayer(): Promise<Player & { readonly close: () => Promise<void> }> {
  const { cluster, clock } = await quickCluster(1, CAPACITY);
  const proxy = await startFaultProxy({ target: cluster.api.url });
  const runtime = await quickRuntime(clock, proxy.kubeconfig('berth'));
  await runtime.readiness.whenReady();
  const close = async (): Promise<void> => {
    await runtime.close();
    await proxy.close();
    await cluster.close();
  };
  return { cluster, proxy, runtime, close };
}

/** Each request of the undisturbed flow meets each fault, one fault a flow. */
export async function everyCall(flow: CallFlow): Promise<readonly CallResult[]> {
  const player = await startPlayer();
  try {
    const calls = await undisturbed(player, flow);
    const results: CallResult[] = [];
    await pooled(casesOf(calls), async (one) => void results.push(await meet(player, flow, one)), AT_ONCE);
    return results;
  } finally {
    await player.close();
  }
}

function casesOf(calls: readonly SeenRequest[]): readonly Case[] {
  return calls.flatMap((seen, index) =>
    CALL_FAULT_NAMES.filter((fault) => canMeet(fault, `${seen.verb} ${seen.resource}`)).map(
      (fault, which) => {
        const user = `x${String(index + 1).padStart(2, '0')}y${String(which).padStart(2, '0')}z`;
        return { user, request: index + 1, call: classOf(seen), fault };
      },
    ),
  );
}

async function undisturbed(player: Player, flow: CallFlow): Promise<readonly SeenRequest[]> {
  const user = 'undisturbed';
  await flow.before(player, user);
  const first = player.proxy.requests.length;
  await flow.play(player, user);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const calls = player.proxy.requests.slice(first).filter(concerns(user));
  await leavesNothing(player, user);
  return calls;
}

async function meet(player: Player, flow: CallFlow, one: Case): Promise<CallResult> {
  const { user, request, fault } = one;
  try {
    await flow.before(player, user);
    const remove = arm(player.proxy, one);
    const ending = await inTime(flow.play(player, user));
    await inTime(leavesNothing(player, user));
    remove();
    return { ...met(player, one), ending };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...one, ending: `BROKEN at ${request} by ${fault}: ${why}` };
  }
}

/** Which request it was that met the fault: in another run their order may differ a little. */
function met({ proxy }: Player, one: Case): Case {
  const mine = concerns(one.user);
  const seen = proxy.requests.find((request) => request.fault !== undefined && mine(request));
  return { ...one, call: seen ? classOf(seen) : 'none' };
}

const arm = (proxy: FaultProxy, { user, request, fault }: Case): (() => void) =>
  proxy.add({ match: { where: concerns(user), nth: request }, action: CALL_FAULTS[fault] });

/** The same for labs that a Nublado controller left: one process finds all of them, each meets its own fault. */
export async function everyAdoptionCall(): Promise<readonly CallResult[]> {
  const { cluster, clock } = await quickCluster(1, CAPACITY);
  const proxy = await startFaultProxy({ target: cluster.api.url });
  const settle = async (users: readonly string[]): Promise<void> => {
    const runtime = await quickRuntime(clock, cluster.kubeconfig('berth'));
    await runtime.readiness.whenReady();
    await pooled(users, async (user) => {
      await runtime.labs.create(aCreate(user));
      await storyOf(runtime.labs, user);
    });
    const secrets = () =>
      cluster.api.store.dump('secrets').filter(({ metadata }) => metadata.namespace === 'berth');
    await until(() => secrets().length === 0, 'the requests are served');
    await runtime.close();
    for (const user of users) await makeNublado(cluster, user);
  };
  try {
    await settle(['undisturbed']);
    const first = await quickRuntime(clock, proxy.kubeconfig('berth'));
    const calls = await undisturbed({ cluster, proxy, runtime: first }, ADOPT_CALLS);
    await first.close();
    const cases = casesOf(calls);
    await settle(cases.map(({ user }) => user));
    for (const one of cases) arm(proxy, one);
    const runtime = await quickRuntime(clock, proxy.kubeconfig('berth'));
    const results: CallResult[] = [];
    const player = { cluster, proxy, runtime };
    await pooled(cases, async (one) => void results.push(await adopted(player, one)), AT_ONCE);
    await runtime.close();
    return results;
  } finally {
    await proxy.close();
    await cluster.close();
  }
}

async function adopted(player: Player, one: Case): Promise<CallResult> {
  try {
    const ending = await inTime(ADOPT_CALLS.play(player, one.user));
    await inTime(leavesNothing(player, one.user));
    return { ...met(player, one), ending };
  } catch (error) {
    return { ...one, ending: `BROKEN: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** One line for each kind of call: what each fault led to. */
export function tableOf(results: readonly CallResult[]): string {
  const calls = Array.from(new Set(results.map(({ call }) => call)));
  const lines = calls.map((call) => {
    const endings = CALL_FAULT_NAMES.map((fault) => {
      const here = results.filter((one) => one.call === call && one.fault === fault);
      return here.length === 0
        ? ''
        : `${fault}: ${Array.from(new Set(here.map(({ ending }) => ending))).join(' | ')}`;
    });
    return `${call} -> ${endings.filter((text) => text !== '').join('; ')}`;
  });
  return lines.join('\n');
}

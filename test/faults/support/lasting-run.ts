import { inTime, pooled } from '../../support/work.js';
import { CALL_FAULTS } from '../../support/call-faults.js';
import type { FaultAction, SeenRequest } from '../../support/call-faults.js';
import type { ProgressItem } from '../../../src/labs/index.js';
import { aCreate } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { startFaultProxy } from '../../../simulator/faults/index.js';
import { RECREATE_CALLS, SPAWN_CALLS, STOP_CALLS, leavesNothing } from './call-run.js';
import type { CallFlow, Player } from './call-run.js';
import { CAPACITY } from './call-suite.js';
import { labOf } from './cluster-picture.js';
import { concerns } from './lab-calls.js';
import { quickCluster, quickRuntime } from './lab-flows.js';

/** Answers that do not pass by themselves. */
const LASTING: Readonly<Record<string, FaultAction>> = {
  '403': {
    do: 'answer',
    status: 403,
    reason: 'Forbidden',
    message: 'is forbidden: not for the likes of you',
  },
  ...Object.fromEntries(
    (['422', '429', '500', '503', 'too large'] as const).map((name) => [name, CALL_FAULTS[name]]),
  ),
};

/** Minutes of patience are over in seconds, and each call still has two seconds of the machine's time. */
const FACTOR = 5;
/** They wait, mostly. */
const AT_ONCE = 40;

/** A kind of request of a flow, for each object its own. */
export const callOf = ({ verb, resource, subresource, namespace }: SeenRequest): string =>
  `${verb} ${namespace === 'berth' ? 'our ' : ''}${resource}${subresource === '' ? '' : `/${subresource}`}`;

export interface LastingResult {
  readonly call: string;
  readonly fault: string;
  /** What came of it while the fault lasted: an end, errors the client was given, or what it was told to wait for. */
  readonly meanwhile: string;
  /** The end, once the fault was gone. */
  readonly after: string;
}

interface Case {
  readonly call: string;
  readonly fault: string;
  readonly user: string;
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/** What a busy machine makes of a quick clock is not meant. */
const isCause = ({ event, remedy, reason }: ProgressItem['entry']): boolean =>
  event !== 'error' && remedy !== undefined && reason !== 'api_silent';

/** A client of one flow, whose every step shows. */
class Client {
  readonly heard: string[] = [];
  private over: string | undefined;

  constructor(
    private readonly player: Player,
    private readonly user: string,
  ) {}

  /** What it was told, as far as that tells anything: an error, a cause, or the end. */
  get word(): string | undefined {
    return this.over ?? this.heard.at(-1);
  }

  private get failure(): string | undefined {
    return labOf(this.player.cluster, this.user)?.status?.failure?.reason;
  }

  async spawn(): Promise<void> {
    const { labs } = this.player.runtime;
    await this.ask(() => labs.create(aCreate(this.user)));
    if (this.over !== undefined) return;
    await this.ask(async () => {
      const stream = await labs.progress(this.user, undefined);
      for await (const { entry } of stream.items()) {
        if (entry.event === 'complete') this.over = 'complete';
        else if (entry.event === 'failed') this.over = `failed as ${this.failure ?? entry.reason}`;
        else if (isCause(entry)) this.heard.push(entry.reason);
      }
    });
  }

  async stop(): Promise<void> {
    await this.ask(() => this.player.runtime.labs.remove(this.user));
    this.over ??= 'stopped';
  }

  private async ask(request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.over = `error ${codeOf(error)}`;
    }
  }
}

/** Each kind of request that a flow makes is refused for good by each answer, until its client has had a word; then it goes again. */
export async function everyLastingFault(
  name: 'spawn' | 'stop' | 'recreate',
): Promise<readonly LastingResult[]> {
  const flow = FLOWS[name];
  const { cluster, clock } = await quickCluster(FACTOR, CAPACITY);
  const proxy = await startFaultProxy({ target: cluster.api.url });
  const runtime = await quickRuntime(clock, proxy.kubeconfig('berth'));
  await runtime.readiness.whenReady();
  const player: Player = { cluster, proxy, runtime };
  try {
    const calls = (await undisturbed(player, flow)).filter(
      (call) => name !== 'recreate' || OF_RECREATION.test(call),
    );
    const cases = calls.flatMap((call, nth) =>
      Object.keys(LASTING).map((fault, which): Case => ({ call, fault, user: `l${nth + 10}y${which}z` })),
    );
    const results: LastingResult[] = [];
    await pooled(cases, async (one) => void results.push(await meet(player, flow, one)), AT_ONCE);
    return results;
  } finally {
    await runtime.close();
    await proxy.close();
    await cluster.close();
  }
}

/** What a recreation does beyond a spawn, or to more than a spawn. */
const OF_RECREATION = /^(patch|delete pods|delete namespaces)/;

const FLOWS: Readonly<Record<'spawn' | 'stop' | 'recreate', CallFlow>> = {
  spawn: SPAWN_CALLS,
  stop: STOP_CALLS,
  recreate: RECREATE_CALLS,
};

async function undisturbed(player: Player, flow: CallFlow): Promise<readonly string[]> {
  const user = 'undisturbed';
  await flow.before(player, user);
  const first = player.proxy.requests.length;
  await flow.play(player, user);
  const calls = player.proxy.requests.slice(first).filter(concerns(user)).map(callOf);
  await leavesNothing(player, user);
  return Array.from(new Set(calls));
}

async function meet(player: Player, flow: CallFlow, { call, fault, user }: Case): Promise<LastingResult> {
  try {
    await flow.before(player, user);
    const mine = concerns(user);
    const action = LASTING[fault] ?? CALL_FAULTS['500'];
    const remove = player.proxy.add({
      match: { where: (seen) => mine(seen) && callOf(seen) === call },
      action,
    });
    const client = new Client(player, user);
    const playing = flow === STOP_CALLS ? client.stop() : client.spawn();
    await until(() => client.word !== undefined, `a word about ${call}`, 90_000);
    const meanwhile = client.word ?? '';
    remove();
    await inTime(playing);
    const after = client.word ?? '';
    await inTime(leavesNothing(player, user));
    return { call, fault, meanwhile, after };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { call, fault, meanwhile: 'BROKEN', after: why };
  }
}

/** One line for each kind of call: what each fault led to, before and after it was gone. */
export function lastingTable(results: readonly LastingResult[]): string {
  const calls = Array.from(new Set(results.map(({ call }) => call)));
  return calls
    .map((call) => {
      const here = results.filter((one) => one.call === call);
      const ends = here.map(({ fault, meanwhile, after }) =>
        meanwhile === after ? `${fault}: ${after}` : `${fault}: ${meanwhile}, then ${after}`,
      );
      return `${call} -> ${ends.join('; ')}`;
    })
    .join('\n');
}

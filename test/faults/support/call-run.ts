import type { Cluster } from '../../../simulator/cluster.js';
import type { FaultProxy } from '../../../simulator/faults/index.js';
import type { ProgressItem } from '../../../src/labs/index.js';
import { aCreate } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { concerns } from './lab-calls.js';
import type { SeenRequest } from '../../support/call-faults.js';
import { labOf, pictureOf } from './cluster-picture.js';
import { checkStory } from './one-hub.js';

const TRIES = 5;

/** How a flow ended: `complete`, `stopped`, or the reason of its failure; errors the client got on the way come first. */
export type Ending = string;

export interface Player {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  readonly runtime: Runtime;
}

/** A flow of one user, which other users' flows may run beside. */
export interface CallFlow {
  readonly name: string;
  readonly before: (player: Player, user: string) => Promise<void>;
  readonly play: (player: Player, user: string) => Promise<Ending>;
}

const codeOf = (error: unknown): string =>
  (error as { code?: string }).code ?? (error instanceof Error ? error.name : String(error));

/** Tries as a client does who is told to try again; what is in the way goes first. */
async function insist(player: Player, user: string, ask: () => Promise<unknown>): Promise<string[]> {
  const errors: string[] = [];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      await ask();
      return errors;
    } catch (error) {
      errors.push(codeOf(error));
      if ((error as { status?: number }).status === 404) return errors;
      if ((error as { status?: number }).status === 409) await removed(player, user);
    }
  }
  throw new Error(`the client gave up after ${errors.join(', ')}`);
}

const removed = (player: Player, user: string): Promise<string[]> =>
  insist(player, user, () => player.runtime.labs.remove(user));

async function story(runtime: Runtime, user: string): Promise<ProgressItem[]> {
  const stream = await runtime.labs.progress(user, undefined);
  const items: ProgressItem[] = [];
  for await (const item of stream.items()) if (item.id !== undefined) items.push(item);
  return items;
}

async function spawned(player: Player, user: string, image = 'lab'): Promise<Ending> {
  const errors = await insist(player, user, () => player.runtime.labs.create(aCreate(user, image)));
  const told = await story(player.runtime, user);
  checkStory(told, await story(player.runtime, user));
  const last = told.at(-1)?.entry;
  const end = last?.event === 'complete' ? 'complete' : labOf(player.cluster, user)?.status?.failure?.reason;
  return [...errors, end ?? 'no end'].join(', ');
}

async function stopped(player: Player, user: string): Promise<Ending> {
  const errors = await removed(player, user);
  await filed(player, user);
  return [...errors, 'stopped'].join(', ');
}

async function filed({ cluster }: Player, user: string): Promise<void> {
  const state = () => labOf(cluster, user)?.metadata.labels?.['berth.dev/state'];
  await until(() => state() === 'stopped', `the record of ${user} is filed`, 60_000);
}

/** Nothing of the user is left but the record. */
export async function leavesNothing(player: Player, user: string): Promise<void> {
  await removed(player, user);
  if (labOf(player.cluster, user)) await filed(player, user);
  const left = () => (pictureOf(player.cluster, user) as { objects: readonly object[] }).objects;
  await until(() => left().length === 0, `an end without remains of ${user}`, 60_000).catch(() => {
    throw new Error(`left behind: ${JSON.stringify(left()).slice(0, 600)}`);
  });
}

export const SPAWN_CALLS: CallFlow = {
  name: 'spawn',
  before: () => Promise.resolve(),
  play: (player, user) => spawned(player, user),
};

export const STOP_CALLS: CallFlow = {
  name: 'stop',
  before: async (player, user) => {
    await spawned(player, user);
    await announced(player, user);
  },
  play: stopped,
};

export const RECREATE_CALLS: CallFlow = {
  name: 'recreate over failed',
  before: async (player, user) => {
    await spawned(player, user, 'missing');
    await announced(player, user);
  },
  play: async (player, user) => {
    const ending = await spawned(player, user);
    const told = JSON.stringify(await story(player.runtime, user));
    if (/ImagePullBackOff|science\/missing/.test(told)) throw new Error(`tells of the lab before: ${told}`);
    return ending;
  },
};

export const ADOPT_CALLS: CallFlow = {
  name: 'adoption',
  before: () => Promise.resolve(),
  play: async (player, user) => {
    await until(() => player.runtime.labs.running().includes(user), `${user} is adopted`, 60_000);
    return (await story(player.runtime, user)).at(-1)?.entry.event ?? 'no end';
  },
};

/** The last of a spawn's requests, which nobody waits for. */
async function announced({ proxy }: Player, user: string): Promise<void> {
  const mine = concerns(user);
  const isLast = ({ verb, resource }: SeenRequest): boolean => verb === 'create' && resource === 'events';
  await until(
    () => proxy.requests.some((seen) => mine(seen) && isLast(seen) && seen.status !== undefined),
    'the announcement',
  );
}

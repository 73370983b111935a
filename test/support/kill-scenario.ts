import { request } from 'undici';
import { expect } from 'vitest';
import { startCluster, type Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from './berth-process.js';
import { Hub } from './hub.js';
import { randomFrom } from './random.js';
import type { Reading, WireEvent } from './sse-reader.js';
import { aPlatform } from './platform.js';

const USER = 'rachel';
const NAMESPACE = 'userlabs-rachel';

/** When the process dies: right after its nth write of this spawn was seen, plus a delay. */
export interface Moment {
  readonly write: number;
  readonly delayMs: number;
}

/** Fifty different moments from one seed, spread evenly over the writes of an undisturbed spawn. */
export function moments(count: number, writes: number, seed: number): readonly Moment[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => ({
    write: 1 + Math.floor((index * writes) / count),
    delayMs: Math.floor(random() * random() * 60),
  }));
}

/** What a spawn left behind: everything that must not depend on whether the process died meanwhile. */
export interface Outcome {
  readonly writes: number;
  readonly objects: readonly string[];
}

/** Spawns a lab through the built process, killing and restarting it at `moment` if one is given, and checks what the issue promises. */
export async function spawnOnce(moment?: Moment): Promise<Outcome> {
  const cluster = await startCluster({ nodes: 2, registry: {}, identity: {} });
  const berth = await BerthProcess.prepare(aPlatform(cluster));
  try {
    await berth.start();
    return await watchSpawn(cluster, berth, moment);
  } catch (error) {
    throw new Error(`at ${JSON.stringify(moment)}: ${String(error)}\n${berth.log.slice(-6_000)}`, {
      cause: error,
    });
  } finally {
    await berth.dispose();
    await cluster.close();
  }
}

async function watchSpawn(cluster: Cluster, berth: BerthProcess, moment?: Moment): Promise<Outcome> {
  const hub = new Hub(berth.url);
  const writes = countWrites(cluster);
  const killed = moment ? killAt(berth, writes, moment) : undefined;
  const accepted = (await hub.create(USER).catch(() => 0)) === 201;
  const first = await hub.events(USER).catch(() => undefined);
  if (killed) await deathOf(berth, killed, first);
  const clean = await first?.ended;
  const seen = accepted ? [...(first?.events ?? [])] : [];
  if (killed) {
    await berth.start();
    // What was never accepted is asked for again, as the Hub does it.
    if (!accepted) await createAsHub(hub);
    const second = await hub.events(USER, seen.at(-1)?.id);
    expect(await second.ended, 'the resumed stream ends cleanly').toBe(true);
    seen.push(...second.events);
  } else {
    expect(clean, 'the stream ends cleanly').toBe(true);
  }
  const replay = await hub.events(USER);
  expect(await replay.ended, 'the replay ends cleanly').toBe(true);
  checkStory(seen, replay.events);
  await settled(cluster);
  const outcome = { writes: writes.count, objects: await inventory(cluster) };
  await removed(cluster, hub);
  return outcome;
}

/** The kill comes at its write; if bundling made fewer writes this time, it comes after the end instead. */
async function deathOf(
  berth: BerthProcess,
  killed: Promise<void>,
  first: Reading | undefined,
): Promise<void> {
  const afterTheEnd = first?.ended.then(() => new Promise((resolve) => setTimeout(resolve, 1_500)));
  await Promise.race([killed, ...(afterTheEnd ? [afterTheEnd] : [])]);
  berth.kill();
  await berth.ended();
}

async function createAsHub(hub: Hub): Promise<void> {
  if ((await hub.create(USER)) !== 409) return;
  await hub.remove(USER);
  expect(await hub.create(USER), 'the second try after a 409').toBe(201);
}

/** The request Secret goes right after the objects are recorded; the story may end a moment before that. */
async function settled(cluster: Cluster): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await names(cluster, 'api/v1/namespaces/berth/secrets')).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function checkStory(seen: readonly WireEvent[], replay: readonly WireEvent[]): void {
  expect(
    seen.map(({ raw }) => raw),
    'every event once, byte-identical',
  ).toEqual(replay.map(({ raw }) => raw));
  const numbers = replay.map(({ id }) => Number(id?.split('-')[1]));
  expect(numbers, 'numbers without a gap').toEqual(replay.map((_, index) => index + 1));
  expect(replay.at(-1)?.event).toBe('complete');
}

function countWrites(cluster: Cluster): { count: number; onWrite: (() => void) | undefined } {
  const counter: { count: number; onWrite: (() => void) | undefined } = { count: 0, onWrite: undefined };
  cluster.api.onRequest(({ verb, userAgent, resource }) => {
    const isWrite = ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb);
    if (!isWrite || !userAgent.startsWith('berth/') || resource === 'leases' || resource.endsWith('reviews'))
      return;
    counter.count += 1;
    counter.onWrite?.();
  });
  return counter;
}

function killAt(berth: BerthProcess, writes: ReturnType<typeof countWrites>, moment: Moment): Promise<void> {
  return new Promise((resolve) => {
    writes.onWrite = () => {
      if (writes.count !== moment.write) return;
      setTimeout(() => {
        berth.kill();
        resolve();
      }, moment.delayMs);
    };
  });
}

const kinds = [
  'api/v1/namespaces/userlabs-rachel/configmaps',
  'api/v1/namespaces/userlabs-rachel/secrets',
  'api/v1/namespaces/userlabs-rachel/services',
  'api/v1/namespaces/userlabs-rachel/serviceaccounts',
  'api/v1/namespaces/userlabs-rachel/resourcequotas',
  'api/v1/namespaces/userlabs-rachel/pods',
  'apis/networking.k8s.io/v1/namespaces/userlabs-rachel/networkpolicies',
  'api/v1/namespaces/berth/secrets',
  'apis/berth.dev/v1alpha1/namespaces/berth/labs',
];

async function inventory(cluster: Cluster): Promise<readonly string[]> {
  const lists = await Promise.all(kinds.map((path) => names(cluster, path)));
  return lists.flatMap((list, index) => list.map((name) => `${String(kinds[index])}/${name}`)).sort();
}

async function names(cluster: Cluster, path: string): Promise<readonly string[]> {
  const answer = await request(`${cluster.api.url}/${path}`);
  const list = (await answer.body.json()) as { items?: { metadata: { name: string } }[] };
  return (list.items ?? []).map(({ metadata }) => metadata.name);
}

async function removed(cluster: Cluster, hub: Hub): Promise<void> {
  expect(await hub.remove(USER), 'the answer of DELETE').toBe(204);
  expect(await names(cluster, 'api/v1/namespaces')).not.toContain(NAMESPACE);
}

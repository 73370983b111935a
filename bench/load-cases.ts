import { BareClient } from './api.js';
import { STUCK_TAG } from './clusters.js';
import { median, percentile, timed, type Figure } from './figures.js';
import type { Floor } from './floor.js';
import type { BenchLabs } from './labs.js';
import { benchUser, benchUsers, type BenchPlatform } from './platform.js';
import { pooled } from '../test/support/work.js';
import { settle, type Scale } from './scale.js';

/** As many as a user may have open. */
const STREAMS_A_USER = 20;
const SAMPLES = 200;

interface Named {
  readonly metadata: { readonly namespace?: string; readonly name: string };
  readonly status?: { readonly phase?: string };
}

/** Kills the controller while spawns run: each that was answered 201 must come to its end, once. */
export async function flyingSpawns(
  platform: BenchPlatform,
  labs: BenchLabs,
  { flying }: Scale,
): Promise<Figure[]> {
  const users = benchUsers(100, flying);
  const client = new BareClient(platform.addresses.api);
  await Promise.all(users.map((user) => labs.accept(user)));
  const inFlight = platform.restart();
  const running = (await read(client, LABS)).filter(({ status }) => status?.phase === 'running').length;
  const ready = await timed(() => inFlight);
  let lost = 0;
  const wall = await timed(() =>
    Promise.all(users.map((user) => labs.follow(user).catch(() => (lost += 1)))),
  );
  const pods = (await read(client, '/api/v1/pods')).filter(({ metadata }) =>
    metadata.namespace?.startsWith('userlabs-'),
  );
  await client.close();
  const what = `${String(flying)} accepted spawns`;
  return [
    { name: `killed after ${what}: of them in flight`, value: flying - running, unit: '' },
    { name: 'ready again after', value: ready, unit: 'ms' },
    { name: 'all complete after that', value: wall, unit: 'ms' },
    { name: 'lost', value: lost, unit: '', budget: 'none' },
    { name: 'pods too many', value: pods.length - flying, unit: '', budget: 'none' },
  ];
}

const LABS = '/apis/berth.dev/v1alpha1/namespaces/berth/labs';

async function read(client: BareClient, path: string): Promise<readonly Named[]> {
  const { body } = await client.call(path);
  return (body as { readonly items: readonly Named[] }).items;
}

const NARROW = 10;
/** A configuration whose queue writes for ten labs at a time. */
export const NARROW_QUEUE = { config: '', berth: `  queue: { concurrency: ${String(NARROW)} }\n` };

/**
 * Pods that never get their image must hold up nobody: all of them exist soon, however narrow the queue. The floor is held to
 * the same limit, or the ratio would measure what an operator asked for; the one that nothing holds is told beside it.
 */
export async function narrowQueue(
  platform: BenchPlatform,
  labs: BenchLabs,
  floor: Floor,
  { queued }: Scale,
): Promise<Figure[]> {
  const users = benchUsers(100, queued);
  await platform.counts();
  const ours = await timed(async () => {
    await Promise.all(users.map((user) => labs.accept(user, STUCK_TAG)));
    let pods = 0;
    while (pods < queued) {
      await settle(20);
      pods += (await platform.counts())['berth create pods'] ?? 0;
    }
  });
  const make = (user: string): Promise<void> => floor.makeObjects(user);
  const same = users.map((user) => `${user}-same`);
  const bare = await timed(() => pooled(same, make, NARROW));
  const unbound = await timed(() => Promise.all(users.map((user) => make(`${user}-bare`))));
  return [
    { name: `${String(queued)} spawns, ten at a time: all pods exist after`, value: ours, unit: 'ms' },
    { name: 'the floor, ten at a time', value: bare, unit: 'ms' },
    { name: 'over that floor', value: ours / bare, unit: 'x', budget: 'at most 1.5 (design)' },
    { name: 'the floor, all at once', value: unbound, unit: 'ms' },
    { name: 'over that floor', value: ours / unbound, unit: 'x' },
  ];
}

/** Streams of spawns that take long, half of whose readers have stopped reading: whoever else comes must not notice. */
export async function openStreams(
  platform: BenchPlatform,
  labs: BenchLabs,
  { streams }: Scale,
): Promise<Figure[]> {
  const users = benchUsers(100, Math.ceil(streams / STREAMS_A_USER));
  for (const user of users) await labs.accept(user, STUCK_TAG);
  await platform.settled();
  const before = await others(platform, labs);
  const crowd = new StreamCrowd(platform.url, streams);
  const opened = await crowd.open(users);
  const after = await others(platform, labs);
  await crowd.close();
  const what = `with ${String(streams)} streams open`;
  return [
    { name: 'stream opened, p99', value: percentile(opened, 0.99), unit: 'ms' },
    { name: 'memory before', value: before.memory, unit: 'MiB' },
    { name: `memory ${what}`, value: after.memory, unit: 'MiB', budget: 'bounded' },
    { name: 'one spawn of somebody else (median) before', value: before.spawn, unit: 'ms' },
    { name: `the same ${what}`, value: after.spawn, unit: 'ms', budget: 'unmoved' },
    { name: 'status read p99 before', value: before.read, unit: 'ms' },
    { name: `the same ${what}`, value: after.read, unit: 'ms', budget: 'unmoved' },
  ];
}

interface Others {
  readonly memory: number;
  readonly spawn: number;
  readonly read: number;
}

async function others(platform: BenchPlatform, labs: BenchLabs): Promise<Others> {
  const user = benchUser(1);
  const spawns: number[] = [];
  for (let nth = 0; nth < SAMPLES / 10; nth += 1) {
    spawns.push(await timed(() => labs.spawn(user)));
    if (nth < SAMPLES / 10 - 1) await labs.remove(user);
  }
  const reads: number[] = [];
  for (let nth = 0; nth < SAMPLES; nth += 1) reads.push(await timed(() => labs.status(user)));
  await labs.remove(user);
  const memory = await platform.controller.memoryMiB();
  return { memory, spawn: median(spawns), read: percentile(reads, 0.99) };
}

/** Readers of progress streams; every other one reads nothing after the headers. */
class StreamCrowd {
  private readonly client: BareClient;
  private readonly ends: (() => void)[] = [];

  constructor(
    url: string,
    private readonly size: number,
  ) {
    this.client = new BareClient({ url: `${url}/nublado/spawner/v1` }, 'bench', size);
  }

  /** Opens them a hundred at a time; resolves with the time that each took to its headers. */
  async open(users: readonly string[]): Promise<readonly number[]> {
    const times: number[] = [];
    for (let start = 0; start < this.size; start += 100) {
      const some = Array.from({ length: Math.min(100, this.size - start) }, (_, index) => start + index);
      times.push(
        ...(await Promise.all(some.map((nth) => this.openOne(users[nth % users.length] ?? '', nth)))),
      );
    }
    return times;
  }

  async close(): Promise<void> {
    for (const end of this.ends) end();
    await this.client.close();
  }

  private async openOne(user: string, nth: number): Promise<number> {
    const headers = { authorization: `Bearer ${user}-token` };
    let body: Awaited<ReturnType<BareClient['open']>> | undefined;
    const took = await timed(async () => {
      body = await this.client.open(`/labs/${user}/events`, headers);
    });
    if (nth % 2 === 0) body?.resume();
    body?.on('error', () => undefined);
    this.ends.push(() => body?.destroy());
    return took;
  }
}

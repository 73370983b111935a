import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { percentile, timed, type Figure } from './figures.js';
import type { BenchLabs } from './labs.js';
import { benchUser, benchUsers, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import type { ReaderTask } from './status-reader.js';

const LAG = 'nodejs_eventloop_lag_max_seconds';
/** The metric measures the time between two looks that are meant to be this far apart, in milliseconds. */
const LAG_RESOLUTION = 10;
const READERS = 8;

/** Status reads while nothing happens, and while labs are being spawned. */
export async function statusReads(platform: BenchPlatform, labs: BenchLabs, scale: Scale): Promise<Figure[]> {
  const user = benchUser(0);
  const { controller } = platform;
  await fullSpeed(labs, user, scale.reads / 4);
  const cpu = await controller.cpuMs();
  const wall = await fullSpeed(labs, user, scale.reads);
  const cpuEach = ((await controller.cpuMs()) - cpu) / scale.reads;
  const task = { url: platform.url, user };
  const paced = (during: () => Promise<unknown>): Promise<Samples> =>
    meanwhile('status-reader', task, during);
  const idle = await paced(() => settle(5_000));
  // Others than those of the bursts, whose labs a real control plane keeps.
  const spawners = benchUsers(100 + scale.bursts * scale.burst, scale.burst);
  await controller.metric(LAG);
  let busy: Samples = [];
  const idleStall = await meanwhile<number>('idle-loop', LAG_RESOLUTION, async () => {
    busy = await paced(() => Promise.all(spawners.map((each) => labs.spawn(each))));
  });
  const stall = 1_000 * ((await controller.metric(LAG)) ?? NaN) - LAG_RESOLUTION;
  await Promise.all(spawners.map((each) => labs.remove(each)));
  const idleP99 = percentile(idle, 0.99);
  const busyP99 = percentile(busy, 0.99);
  return [
    { name: `status reads, ${String(READERS)} readers`, value: (1_000 * scale.reads) / wall, unit: '/s' },
    { name: 'CPU of Berth per status read', value: cpuEach, unit: 'ms' },
    { name: 'status read median, idle', value: percentile(idle, 0.5), unit: 'ms' },
    { name: 'status read p99, idle', value: idleP99, unit: 'ms' },
    {
      name: `status read p99, while ${String(scale.burst)} spawns run`,
      value: busyP99,
      unit: 'ms',
      budget: `at most ${(5 * idleP99).toFixed(1)} ms (five times idle; design, for 1,000)`,
    },
    { name: 'longest event-loop stall meanwhile', value: stall, unit: 'ms', budget: 'under 20 ms (design)' },
    { name: 'the same of an event loop that does nothing', value: idleStall, unit: 'ms' },
  ];
}

/** As fast as `READERS` callers in turn get their answers. Resolves with the wall. */
async function fullSpeed(labs: BenchLabs, user: string, count: number): Promise<number> {
  let left = count;
  const reader = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await labs.status(user);
    }
  };
  return timed(() => Promise.all(Array.from({ length: READERS }, reader)));
}

type Samples = readonly number[];

/** What a worker, given its task, tells when `during`, which begins when it is ready, has ended. */
async function meanwhile<T>(
  name: string,
  task: ReaderTask | number,
  during: () => Promise<unknown>,
): Promise<T> {
  const worker = new Worker(new URL(`./${name}.js`, import.meta.url), { workerData: task });
  await once(worker, 'message');
  await during();
  const told = once(worker, 'message') as Promise<[T]>;
  worker.postMessage('end');
  return (await told)[0];
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FLEET } from './clusters.js';
import { timed, type Figure } from './figures.js';
import type { BenchPlatform } from './platform.js';
import type { FloorReport } from './prepull-floor.js';
import { settle } from './scale.js';
import type { Counts } from './writes.js';

const MISSING = FLEET.nodes * FLEET.images;
const LOOK_EVERY = 2_000;
const LIMIT_MS = 600_000;
const QUIET_MS = 20_000;

/** Brings every image to every node of a fleet that has none, and then asks what a settled fleet costs. */
export async function prepulls(platform: BenchPlatform): Promise<Figure[]> {
  const wall = await timed(() => everywhere(platform));
  const counts = await platform.counts();
  const [cpu, memory] = [await platform.controller.cpuMs(), await platform.controller.memoryMiB()];
  const [pods, records] = [await eventsOf(platform, 'pods'), await eventsOf(platform, 'nodeimages')];
  await settle(QUIET_MS);
  const quiet = await platform.counts();
  const floor = await floorOf(platform);
  const [created, deleted] = [count(counts, 'create pods'), count(counts, 'delete pods')];
  const kept = count(counts, 'create nodeimages') + count(counts, 'patch nodeimages');
  const what = `${String(FLEET.images)} images onto ${String(FLEET.nodes)} nodes`;
  const each = `${String(MISSING)}, one a missing image`;
  return [
    { name: `${what}: pods created`, value: created, unit: '', budget: each },
    { name: 'pods deleted', value: deleted, unit: '', budget: each },
    { name: 'writes of NodeImages', value: kept, unit: '', budget: 'one a second a node' },
    { name: 'other requests, the start of the process included', value: sum(counts, isBeside), unit: '' },
    {
      name: `requests in ${String(QUIET_MS / 1000)} s once all is there`,
      value: sum(quiet, isCounted),
      unit: '',
      budget: 'none',
    },
    { name: 'requests of the floor', value: floor.requests, unit: '' },
    { name: 'watch events of pods', value: pods, unit: '' },
    { name: 'watch events of pods, floor', value: floor.events, unit: '' },
    { name: 'watch events of NodeImages', value: records, unit: '' },
    { name: 'until all is there', value: wall / 1000, unit: 's' },
    { name: 'until all is there, floor', value: floor.wallMs / 1000, unit: 's' },
    { name: 'CPU, the start of the process included', value: cpu / 1000, unit: 's' },
    { name: 'CPU, floor', value: floor.cpuMs / 1000, unit: 's' },
    { name: 'memory', value: memory, unit: 'MiB' },
    { name: 'memory, floor', value: floor.memoryMiB, unit: 'MiB' },
  ];
}

async function everywhere({ controller }: BenchPlatform): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  const images = (state: string) => controller.metric(`berth_prepull_images{state="${state}"}`);
  while (performance.now() < end) {
    const had = ((await images('present')) ?? 0) + ((await images('proven')) ?? 0);
    if (had === MISSING && (await controller.metric('berth_prepull_pods')) === 0) return;
    await settle(LOOK_EVERY);
  }
  throw new Error('The images were not everywhere in ten minutes.');
}

const eventsOf = async ({ controller }: BenchPlatform, resource: string): Promise<number> =>
  (await controller.metric(`berth_informer_events_total{resource="${resource}"}`)) ?? NaN;

const count = (counts: Counts, key: string): number => counts[`berth ${key}`] ?? 0;

/** Neither the lease nor the opening of a watch. */
const isCounted = (verb: string, resource: string): boolean => verb !== 'watch' && resource !== 'leases';

/** Not what each image costs. */
const isBeside = (verb: string, resource: string): boolean =>
  isCounted(verb, resource) &&
  resource !== 'nodeimages' &&
  !/^(create|delete) pods$/.test(`${verb} ${resource}`);

function sum(counts: Counts, isMeant: (verb: string, resource: string) => boolean): number {
  let all = 0;
  for (const [key, times] of Object.entries(counts)) {
    const [who, verb = '', resource = ''] = key.split(' ');
    if (who === 'berth' && isMeant(verb, resource)) all += times;
  }
  return all;
}

async function floorOf({ addresses }: BenchPlatform): Promise<FloorReport> {
  const floor = fork(fileURLToPath(new URL('prepull-floor.js', import.meta.url)), [addresses.api.url]);
  const [report] = (await once(floor, 'message')) as [FloorReport];
  return report;
}

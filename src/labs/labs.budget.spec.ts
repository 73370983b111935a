import { afterEach, describe, expect, it } from 'vitest';

import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import type { RequestRecord } from '../../simulator/server/index.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';

const READS = new Set(['get', 'list', 'watch']);

/** Requests of ours that reached the API server, told apart as the budget does. */
interface Counted {
  /** Objects of the lab, but for its service account: that is the cluster's, unless its controller is late. */
  readonly objects: number;
  readonly accounts: number;
  /** Everything else that was written: Lab, request, status, deletions. */
  readonly beyond: number;
  readonly events: number;
  readonly reads: readonly string[];
}

describe('the budget of requests', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  interface World {
    readonly cluster: Cluster;
    readonly runtime: Runtime;
    /** Counts from now on. */
    count(): () => Counted;
  }

  async function startWorld(options: ClusterOptions, piece: Record<string, unknown> = {}): Promise<World> {
    const cluster = await startLabCluster(options);
    ends.push(() => cluster.close());
    const settings = someRuntimeSettings(piece);
    const runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    ends.push(() => runtime.close());
    await runtime.readiness.whenReady();
    const records: RequestRecord[] = [];
    cluster.api.onRequest((record) => {
      if (record.userAgent.startsWith('berth/') && record.resource !== 'leases') records.push(record);
    });
    return { cluster, runtime, count: () => counterFrom(records, records.length) };
  }

  function counterFrom(records: readonly RequestRecord[], start: number): () => Counted {
    return () => {
      const counted = records.slice(start);
      const writes = counted.filter(({ verb, resource }) => !READS.has(verb) && resource !== 'events');
      const made = writes.filter(({ verb, namespace }) => verb === 'create' && namespace !== 'berth');
      const accounts = made.filter(({ resource }) => resource === 'serviceaccounts').length;
      const objects = made.length - accounts;
      const events = counted.filter(
        ({ verb, resource }) => verb === 'create' && resource === 'events',
      ).length;
      const reads = counted.filter(({ verb }) => verb === 'get' || verb === 'list');
      return {
        objects,
        accounts,
        beyond: writes.length - made.length,
        events,
        reads: reads.map(({ verb, resource }) => `${verb} ${resource}`),
      };
    };
  }

  const eventsOfLabs = ({ cluster }: World): number =>
    cluster.api.store.dump('events').filter(({ metadata }) => metadata.namespace === 'berth').length;

  const objectsOf = ({ cluster }: World, user: string): number => {
    const inside = ['configmaps', 'secrets', 'networkpolicies.networking.k8s.io', 'services', 'pods'];
    const made = inside.flatMap((resource) => cluster.api.store.dump(resource));
    const inNamespace = made.filter(({ metadata }) => metadata.namespace === `userlabs-${user}`);
    const ours = inNamespace.filter(({ metadata }) => metadata.labels?.['berth.dev/operation']);
    return ours.length + 1;
  };

  it('of a spawn on an instant kubelet is one write an object and few beyond', async () => {
    const world = await startWorld({ instant: true });
    const counted = world.count();

    await world.runtime.labs.create(aCreate());
    const opened = counted().reads.length;
    await storyOf(world.runtime.labs);
    await until(() => counted().events > 0, 'the event at the end');

    const { objects, accounts, beyond, events, reads } = counted();
    expect(objects).toBe(objectsOf(world, 'rachel'));
    expect(accounts).toBeLessThanOrEqual(1);
    // Lab, request, objects created, the request's deletion, the end; a slow machine may fit a detail in.
    expect(beyond).toBeGreaterThanOrEqual(4);
    expect(beyond).toBeLessThanOrEqual(6);
    expect(events).toBe(1);
    expect(reads.slice(opened).sort()).toEqual(['get labs', 'get serviceaccounts']);
  });

  it('of a long pull with four containers stays within twelve beyond the objects', async () => {
    const slow = { sizeBytes: 100_000_000, pullBytesPerSecond: 60_000_000, startMs: 300 };
    const image = (name: string) => ({ repository: `registry.example.org/science/${name}`, tag: '1' });
    const initContainers = ['one', 'two', 'three'].map((name) => ({
      name,
      image: image(name),
      privileged: false,
    }));
    const world = await startWorld({ scripts: { '*': slow } }, { lab: { initContainers } });
    const counted = world.count();

    await world.runtime.labs.create(aCreate());
    const story = await storyOf(world.runtime.labs);

    expect(story.length).toBeGreaterThan(8);
    expect(story.at(-1)?.entry.event).toBe('complete');
    expect(counted().objects).toBe(objectsOf(world, 'rachel'));
    expect(counted().accounts).toBeLessThanOrEqual(1);
    expect(counted().beyond).toBeLessThanOrEqual(12);
  });

  it('of a failure stays within it too, with one event a cause and one for the end', async () => {
    const world = await startWorld({
      scripts: { 'science/missing': { failure: 'imageMissing' } },
      timeScale: 0.02,
    });
    const counted = world.count();

    await world.runtime.labs.create(aCreate('rachel', 'missing'));
    const story = await storyOf(world.runtime.labs);
    await until(() => counted().events >= 2, 'the events');

    expect(story.at(-1)?.entry.event).toBe('failed');
    expect(counted().beyond).toBeLessThanOrEqual(12);
    expect(counted().events).toBeLessThanOrEqual(4);
  });

  it('of a stop is six writes, and no event', async () => {
    const world = await startWorld({ instant: true });
    await world.runtime.labs.create(aCreate());
    await storyOf(world.runtime.labs);
    await until(() => eventsOfLabs(world) > 0, 'the event at the end');
    const counted = world.count();

    await world.runtime.labs.remove('rachel');
    await until(() => counted().beyond >= 5, 'the label');

    expect(counted()).toMatchObject({ objects: 0, events: 0 });
    expect(counted().beyond).toBeLessThanOrEqual(6);
    expect(counted().reads).toEqual([]);
  });

  it('of a settled lab is nothing, over several sweeps, and its status costs no request', async () => {
    const world = await startWorld({ instant: true }, { lab: { reconcileInterval: '1s' } });
    await world.runtime.labs.create(aCreate());
    await storyOf(world.runtime.labs);
    await until(() => eventsOfLabs(world) > 0, 'the event at the end');
    const counted = world.count();

    await new Promise((resolve) => setTimeout(resolve, 2500));
    for (let poll = 0; poll < 50; poll += 1) await world.runtime.labs.status('rachel', {});

    expect(counted()).toEqual({ objects: 0, accounts: 0, beyond: 0, events: 0, reads: [] });
  });
});

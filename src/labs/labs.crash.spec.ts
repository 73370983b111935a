import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import type { ProgressItem } from './lab.views.js';

type Action = Parameters<FaultProxy['add']>[0]['action'];
type SeenRequest = FaultProxy['requests'][number];

const READS = new Set(['get', 'list', 'watch']);
const isOurWrite = (request: SeenRequest): boolean =>
  !READS.has(request.verb) && request.resource !== 'leases' && request.resource !== 'events';

/** The first two, Lab and request, are made before the answer; the spawn is accepted after them. */
const WRITES = Array.from({ length: 11 }, (_, index) => index + 3);

describe('a controller that dies', () => {
  let cluster: Cluster;
  const settings = someRuntimeSettings();

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.02 });
  });

  afterAll(async () => {
    await cluster.close();
  });

  /** A life that ends around its nth write: before the API server hears of it, or after it has acted. */
  async function dyingLife(
    write: number,
    at: 'before' | 'after',
  ): Promise<{ runtime: Runtime; died: () => boolean }> {
    const proxy = await startFaultProxy({ target: cluster.api.url });
    let writes = 0;
    let dead = false;
    const isLast = (request: SeenRequest): boolean => {
      if (dead || !isOurWrite(request)) return false;
      writes += 1;
      if (writes === write) dead = true;
      return dead;
    };
    const wasDead = (): boolean => dead;
    // The first rule kills what comes after the last write; the second the last write itself.
    proxy.add({ match: { where: wasDead }, action: { do: 'reset', at: 'before' } });
    proxy.add({ match: { where: isLast }, action: { do: 'reset', at } });
    const runtime = await startRuntime({
      kubeconfig: proxy.kubeconfig('berth'),
      settings,
      identity: 'mortal',
    });
    await runtime.readiness.whenReady();
    return { runtime, died: () => dead };
  }

  /** What a reader got before the connection broke. */
  function reading(runtime: Runtime, user: string): ProgressItem[] {
    const items: ProgressItem[] = [];
    const follow = async (): Promise<void> => {
      const stream = await runtime.labs.progress(user, undefined);
      for await (const item of stream.items()) items.push(item);
    };
    follow().catch(() => undefined);
    return items;
  }

  it.each(WRITES.flatMap((write) => (['before', 'after'] as const).map((at) => [at, write] as const)))(
    'loses nothing when that happens %s write %i',
    async (at, write) => {
      const user = `u${at}${write}`;
      const first = await dyingLife(write, at);
      await first.runtime.labs.create(aCreate(user));
      const seen = reading(first.runtime, user);
      await until(() => first.died(), 'its death');
      // Nobody waits for the dead; what it still tries does not get through.
      void first.runtime.close();

      const second = await startRuntime({
        kubeconfig: cluster.kubeconfig('berth'),
        settings,
        identity: 'mortal',
      });
      await second.readiness.whenReady();
      const story = await storyOf(second.labs, user);
      await second.close();

      expect(story.at(-1)?.entry.event).toBe('complete');
      expect(JSON.stringify(story.slice(0, seen.length))).toBe(JSON.stringify(seen));
      const pods = cluster.api.store
        .dump('pods')
        .filter((pod) => pod.metadata.namespace === `userlabs-${user}`);
      expect(pods).toHaveLength(1);
    },
  );

  it.each([2, 3, 4, 5].flatMap((write) => (['before', 'after'] as const).map((at) => [at, write] as const)))(
    'finishes a stop when that happens %s write %i of it',
    async (at, write) => {
      const user = `s${at}${write}`;
      const kubeconfig = cluster.kubeconfig('berth');
      const healthy = await startRuntime({ kubeconfig, settings, identity: 'mortal' });
      await healthy.readiness.whenReady();
      await healthy.labs.create(aCreate(user));
      await storyOf(healthy.labs, user);
      await healthy.close();

      const first = await dyingLife(write, at);
      first.runtime.labs.remove(user).catch(() => undefined);
      await until(() => first.died(), 'its death');
      void first.runtime.close();
      const second = await startRuntime({ kubeconfig, settings, identity: 'mortal' });
      await second.readiness.whenReady();
      const record = () =>
        cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === user);
      await until(() => record()?.metadata.labels?.['berth.dev/state'] === 'stopped', 'the end of the stop');
      await second.close();

      const namespaces = cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
      expect(namespaces).not.toContain(`userlabs-${user}`);
    },
  );

  it.each<[string, Action]>([
    ['is refused with 429', { do: 'answer', status: 429, retryAfterS: 0 }],
    ['fails with 500', { do: 'answer', status: 500 }],
    ['is cut off before it is heard', { do: 'reset', at: 'before' }],
    ['is cut off after it is applied', { do: 'reset', at: 'after' }],
  ])('brings a lab up and down although the first try of every write %s', async (_what, action) => {
    const user = `f${action.do}${'status' in action ? action.status : ''}${'at' in action ? action.at : ''}`;
    const proxy = await startFaultProxy({ target: cluster.api.url });
    const tried = new Set<string>();
    const isFirst = (request: SeenRequest): boolean => {
      const what = `${request.verb} ${request.path} ${request.body}`;
      if (!isOurWrite(request) || tried.has(what)) return false;
      tried.add(what);
      return true;
    };
    proxy.add({ match: { where: isFirst }, action });
    const runtime = await startRuntime({
      kubeconfig: proxy.kubeconfig('berth'),
      settings,
      identity: 'mortal',
    });
    await runtime.readiness.whenReady();

    await runtime.labs.create(aCreate(user));
    const story = await storyOf(runtime.labs, user);
    await runtime.labs.remove(user);
    await runtime.close();
    await proxy.close();

    expect(story.at(-1)?.entry.event).toBe('complete');
    expect(new Set(story.map(({ id }) => id)).size).toBe(story.length);
    const namespaces = cluster.api.store.dump('namespaces').map(({ metadata }) => metadata.name);
    expect(namespaces).not.toContain(`userlabs-${user}`);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import type { SeenRequest } from '../../test/support/call-faults.js';
import { stored } from '../../test/support/cluster-shapes.js';
import { JumpClock } from '../../test/support/jump-clock.js';
import { aCreate, startLabCluster, startSpoilable, storyOf } from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { passUntil, until } from '../../test/support/until.js';
import type { LabResourceStatus } from './lab.resource.js';
import { LabsMemory } from './labs.memory.js';
import type { ProgressItem } from './lab.views.js';

const TOO_LARGE = { do: 'answer', status: 500, message: 'etcdserver: request is too large' } as const;
const BROKEN = { do: 'answer', status: 500, reason: 'InternalError', message: 'the disk is full' } as const;

/** The hour of the spawn, and what is given to whoever may still record it. */
const SPAWN_AND_MORE = 63 * 60_000;

const isStatusOf =
  (user: string, says = '') =>
  ({ verb, resource, subresource, path, body }: SeenRequest): boolean =>
    verb === 'patch' &&
    resource === 'labs' &&
    subresource === 'status' &&
    path.includes(user) &&
    body.includes(says);

describe('a lab whose status is refused', () => {
  const clock = new JumpClock();
  let cluster: Cluster;
  let proxy: FaultProxy;
  let runtime: Runtime;
  let close: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.001, namespaceMinimumMs: 5 });
    ({ proxy, runtime, close } = await startSpoilable(cluster, clock, { lab: { spawnTimeout: '1h' } }));
  });

  afterEach(() => proxy.clear());

  afterAll(() => close());

  /** In steps that leave every request many turns of the event loop before its time is over. */
  const pass = (isOver: () => boolean): Promise<void> => passUntil(clock, 250, isOver, 4_000);
  const statusOf = (user: string): LabResourceStatus | undefined =>
    cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === user)?.['status'] as
      LabResourceStatus | undefined;
  const inNamespaceOf = (user: string, resource: string) =>
    stored(cluster, resource).filter(({ metadata }) => metadata.namespace === `userlabs-${user}`);
  const unrecorded = (): number => runtime.get(LabsMemory).unrecorded;

  /** What a reader of the stream is told, while it is told. */
  async function listening(user: string): Promise<{ told: ProgressItem[]; end: Promise<void> }> {
    const stream = await runtime.labs.progress(user, undefined);
    const told: ProgressItem[] = [];
    const read = async (): Promise<void> => {
      for await (const item of stream.items()) told.push(item);
    };
    return { told, end: read() };
  }

  /**
   * @promise nothing is lost
   * @fault the store will not take so large a status
   * @outcome it is written without the lives before and without details; the operation ends as it would have
   */
  it('is recorded without its past when the whole is too large', async () => {
    await runtime.labs.create(aCreate('ample'));
    await storyOf(runtime.labs, 'ample');
    await runtime.labs.remove('ample');
    await until(() => statusOf('ample')?.past?.length === 1, 'a past');
    proxy.add({ match: { where: isStatusOf('ample', '"operationId"') }, action: TOO_LARGE });

    await runtime.labs.create(aCreate('ample'));

    expect((await storyOf(runtime.labs, 'ample')).at(-1)?.entry.event).toBe('complete');
    expect(statusOf('ample')).toMatchObject({ phase: 'running', operation: { ended: 'succeeded' } });
    expect(statusOf('ample')?.past ?? []).toEqual([]);
    expect(unrecorded()).toBe(0);
    proxy.clear();
    await runtime.labs.remove('ample');
  });

  /**
   * @promise nothing is hidden
   * @fault the cluster refuses to store the status of a lab, for some time
   * @outcome whoever waits is told `record_refused`, the log and `berth_labs_unrecorded` tell operators; once it can be stored the lab comes up, each event told once
   */
  it('comes up once it can be stored; meanwhile whoever waits, and operators, are told', async () => {
    const remove = proxy.add({ match: { where: isStatusOf('patient') }, action: BROKEN });
    await runtime.labs.create(aCreate('patient'));
    const { told, end } = await listening('patient');

    await pass(() => told.some(({ entry }) => entry.reason === 'record_refused'));
    expect(told.find(({ entry }) => entry.reason === 'record_refused')).toMatchObject({
      entry: { event: 'info', who: 'operator', evidence: 'the disk is full' },
    });
    expect(told.find(({ entry }) => entry.reason === 'record_refused')?.id).toBeUndefined();
    expect(unrecorded()).toBe(1);
    expect(inNamespaceOf('patient', 'pods')).toHaveLength(1);
    remove();
    await pass(() => told.at(-1)?.entry.event === 'complete');
    await end;

    expect(unrecorded()).toBe(0);
    const stories = told.filter(({ id }) => id !== undefined).map(({ entry }) => entry.number);
    expect(stories).toEqual(stories.map((_, index) => index + 1));
    await runtime.labs.remove('patient');
  });

  /**
   * @promise nothing is hidden
   * @fault the cluster refuses to store the status of a lab for good
   * @outcome the stream ends as `record_refused` two minutes after the spawn’s time; a stop removes everything all the same
   */
  it('that is refused for good ends the stream, and leaves nothing behind when it is stopped', async () => {
    const remove = proxy.add({ match: { where: isStatusOf('never') }, action: BROKEN });
    await runtime.labs.create(aCreate('never'));
    const { told, end } = await listening('never');

    await until(() => inNamespaceOf('never', 'pods').length > 0, 'its pod');
    clock.jump(SPAWN_AND_MORE);
    await pass(() => told.at(-1)?.entry.event === 'failed');
    await end;
    expect(told.at(-1)?.entry).toMatchObject({ reason: 'record_refused', who: 'operator' });
    expect(told.at(-1)?.id).toBeUndefined();
    const removed = runtime.labs.remove('never').catch((error: unknown) => error);
    const namespace = () =>
      stored(cluster, 'namespaces').some((one) => one.metadata.name === 'userlabs-never');
    await pass(() => !namespace());
    remove();
    await pass(() => statusOf('never')?.phase === 'stopped');
    await removed;

    expect(unrecorded()).toBe(0);
  });
});

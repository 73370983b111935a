import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import type { Cluster } from '../../../simulator/cluster.js';
import { startFaultProxy } from '../../../simulator/faults/index.js';
import { LabsQueue } from '../../../src/labs/index.js';
import { aCreate, storyOf } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import type { SeenRequest } from '../../support/call-faults.js';
import { stored } from '../../support/cluster-shapes.js';
import { labOf } from '../support/cluster-picture.js';
import { USER, quickCluster, quickRuntime } from '../support/lab-flows.js';
import { Stranger } from '../support/stranger.js';

const SEVERAL = [USER, 'dario', 'wanda'];
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function labsThatRun(): Promise<Awaited<ReturnType<typeof quickCluster>>> {
  const { cluster, clock } = await quickCluster();
  const runtime = await quickRuntime(clock, cluster.kubeconfig('berth'));
  await runtime.readiness.whenReady();
  for (const user of SEVERAL) {
    await runtime.labs.create(aCreate(user));
    await storyOf(runtime.labs, user);
  }
  await until(() => nothingAsked(cluster), 'rest');
  await runtime.close();
  return { cluster, clock };
}

/** Namespaces and pods, by UID: what a person would lose. */
const alive = (cluster: Cluster): readonly string[] =>
  [...stored(cluster, 'namespaces'), ...stored(cluster, 'pods')]
    .filter(({ metadata }) => (metadata.namespace ?? metadata.name).startsWith('userlabs-'))
    .map(
      ({ metadata }) =>
        `${metadata.name} ${(metadata as { uid?: string }).uid ?? ''} ${metadata.deletionTimestamp ?? ''}`,
    );

/** The first list comes as the beginning of a watch. */
const isListOf =
  (resource: string, selector: string) =>
  ({ resource: asked, path }: SeenRequest): boolean => {
    const words = decodeURIComponent(path.replaceAll('+', ' '));
    return asked === resource && words.includes('sendInitialEvents=true') && words.includes(selector);
  };

/** Leaves out everything until the end of the list. */
function withoutItems(): (line: Buffer | undefined) => readonly Buffer[] {
  let isOver = false;
  return (line) => {
    isOver ||= line?.includes('initial-events-end') ?? false;
    return line && isOver ? [line] : [];
  };
}

/** Every lab was looked at twice by a process that knows the cluster. */
async function sweptTwice(runtime: Runtime): Promise<void> {
  const queue = runtime.get(LabsQueue);
  const looks = new Map<string, number>();
  queue.onOutcome(({ key }) => looks.set(key, (looks.get(key) ?? 0) + 1));
  for (const times of [1, 2]) {
    for (const user of SEVERAL) queue.add(user);
    await until(() => SEVERAL.every((user) => (looks.get(user) ?? 0) >= times), 'a look at each', 60_000);
  }
}

const nothingAsked = (cluster: Cluster): boolean =>
  stored(cluster, 'secrets').every(({ metadata }) => metadata.namespace !== 'berth');

describe('a cluster that lies', () => {
  /**
   * @promise nothing is lost
   * @fault an informer lists nothing
   * @outcome no lab that runs is removed
   */
  it.each([
    ['labs', 'state!=stopped'],
    ['labs', 'state=stopped'],
    ['namespaces', ''],
    ['pods', ''],
    ['nodes', ''],
    ['secrets', 'lab-request'],
  ])('loses no running lab when the informer of %s (%s) lists nothing', async (resource, selector) => {
    const { cluster, clock } = await labsThatRun();
    const before = alive(cluster);
    const proxy = await startFaultProxy({ target: cluster.api.url });
    proxy.add({
      match: { where: isListOf(resource, selector), times: 1 },
      action: { do: 'rewrite', line: withoutItems() },
    });
    const runtime = await quickRuntime(clock, proxy.kubeconfig('berth'));

    await runtime.readiness.whenReady();
    await until(() => runtime.leadership.leading, 'its turn');
    await new Promise((resolve) => setTimeout(resolve, 3_000));

    expect(alive(cluster)).toEqual(before);
    expect(SEVERAL.map((user) => labOf(cluster, user)?.status?.phase)).toEqual(SEVERAL.map(() => 'running'));
    await runtime.close();
    await proxy.close();
    await cluster.close();
  });

  /**
   * @promise nothing is lost
   * @fault somebody deletes the custom resource definitions and installs them again
   * @outcome every running lab is adopted, untouched
   */
  it('loses no running lab when the CRDs are deleted and installed again', async () => {
    const { cluster, clock } = await labsThatRun();
    const stranger = new Stranger(cluster);
    const before = alive(cluster);
    const runtime = await quickRuntime(clock, cluster.kubeconfig('berth'));
    await runtime.readiness.whenReady();
    const crd = parse(readFileSync('helm/berth/crds/labs.yaml', 'utf8')) as { metadata: { name: string } };

    for (const user of SEVERAL) {
      const path = `/apis/berth.dev/v1alpha1/namespaces/berth/labs/${user}`;
      await stranger.merge(path, { metadata: { finalizers: null } });
    }
    await stranger.delete(`${CRDS}/${crd.metadata.name}`);
    await until(() => cluster.api.store.dump('labs.berth.dev').length === 0, 'no records');
    await until(
      () =>
        !stored(cluster, 'customresourcedefinitions.apiextensions.k8s.io').some(
          (one) => one.metadata.name === crd.metadata.name,
        ),
      'no CRD',
    );
    await stranger.create(CRDS, crd);

    await until(
      () => SEVERAL.every((user) => labOf(cluster, user)?.status?.phase === 'running'),
      'adoption',
      60_000,
    );
    expect(alive(cluster)).toEqual(before);
    await runtime.close();
    await cluster.close();
  });

  /**
   * @promise nothing is lost
   * @fault etcd is restored to an hour ago under a process that runs on, and under the next one
   * @outcome labs that were running then and now are untouched, labs that were stopped since are back, labs that were started since are gone; nothing is removed by us
   */
  it('removes nothing when etcd is restored to an hour ago', async () => {
    const { cluster, clock } = await labsThatRun();
    const proxy = await startFaultProxy({ target: cluster.api.url });
    const first = await quickRuntime(clock, proxy.kubeconfig('berth'));
    await first.readiness.whenReady();
    await until(() => first.leadership.leading, 'its turn');
    const before = alive(cluster);
    const anHourAgo = cluster.api.store.save();
    await first.labs.remove('dario');
    await first.labs.create(aCreate('since'));
    await storyOf(first.labs, 'since');
    await until(() => nothingAsked(cluster), 'rest');
    const from = proxy.requests.length;

    cluster.api.store.restore(anHourAgo);

    await until(() => SEVERAL.every((user) => first.labs.running().includes(user)), 'all are back', 60_000);
    await until(() => !first.labs.running().includes('since'), 'what came since is gone');
    await first.close();
    const second = await quickRuntime(clock, proxy.kubeconfig('berth'));
    await second.readiness.whenReady();
    await until(() => second.leadership.leading, 'the next one leads', 60_000);
    await sweptTwice(second);

    expect(alive(cluster)).toEqual(before);
    expect(SEVERAL.map((user) => labOf(cluster, user)?.status?.phase)).toEqual(SEVERAL.map(() => 'running'));
    const removals = proxy.requests.slice(from).filter(({ verb }) => verb.startsWith('delete'));
    expect(removals.map(({ verb, path }) => `${verb} ${path}`)).toEqual([]);
    expect(stored(cluster, 'namespaces').some(({ metadata }) => metadata.name.includes('since'))).toBe(false);
    await second.close();
    await proxy.close();
    await cluster.close();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aCreate, storyOf } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { SPAWN_CALLS, leavesNothing } from '../support/call-run.js';
import { concerns } from '../support/lab-calls.js';
import { startPlayer } from '../support/call-suite.js';
import { shapesIn, stored } from '../../support/cluster-shapes.js';
import { labOf } from '../support/cluster-picture.js';
import { Stranger } from '../support/stranger.js';

type Started = Awaited<ReturnType<typeof startPlayer>>;
type Past = { readonly past?: readonly { readonly end: string }[] };

describe('somebody else’s hand', () => {
  let player: Started;
  let stranger: Stranger;

  beforeAll(async () => {
    player = await startPlayer();
    stranger = new Stranger(player.cluster);
  });

  afterAll(async () => {
    await player.close();
  });

  const namespaceOf = (user: string) =>
    stored(player.cluster, 'namespaces').find(({ metadata }) => metadata.name === `userlabs-${user}`);
  const pathOf = (user: string) => `/api/v1/namespaces/userlabs-${user}`;
  const spawned = async (user: string): Promise<void> => {
    expect(await SPAWN_CALLS.play(player, user)).toBe('complete');
  };

  /**
   * @promise nothing is hidden
   * @fault somebody deletes the pod or the namespace of a running lab
   * @outcome the lab ends; its record keeps `pod_gone` or `namespace_gone`
   */
  it.each([
    ['pod', (user: string) => `${pathOf(user)}/pods/${user}-nb`],
    ['namespace', pathOf],
  ])('ends a running lab with a cause when its %s is deleted', async (what, path) => {
    const user = `runs${what}`;
    await spawned(user);

    await stranger.delete(path(user));

    const lab = () => labOf(player.cluster, user);
    await until(() => lab()?.metadata.labels?.['berth.dev/state'] === 'stopped', 'the end of the lab');
    const { past } = lab()?.status as Past;
    expect(['pod_gone', 'namespace_gone']).toContain(past?.at(-1)?.end);
    await leavesNothing(player, user);
  });

  /**
   * @promise nothing is lost
   * @fault somebody deletes the Service or the NetworkPolicy of a lab
   * @outcome it is made again, as it was; the lab runs on
   */
  it.each([
    ['services', 'Service', () => 'lab'],
    ['networkpolicies.networking.k8s.io', 'NetworkPolicy', (user: string) => `${user}-nb`],
  ])('makes the one of %s again that leads to a lab, as it was', async (resource, kind, nameOf) => {
    const user = `leads${kind.toLowerCase()}`;
    await spawned(user);
    const found = () =>
      shapesIn(player.cluster, [resource], ({ namespace }) => namespace === `userlabs-${user}`);
    const before = found();
    const group = kind === 'Service' ? '/api/v1' : '/apis/networking.k8s.io/v1';
    const path = `${group}/namespaces/userlabs-${user}/${resource.split('.')[0] ?? ''}/${nameOf(user)}`;

    await stranger.delete(path);

    expect(before).toHaveLength(1);
    await until(() => found().length === 1, 'its return');
    expect(found()).toEqual(before);
    expect(labOf(player.cluster, user)?.status?.phase).toBe('running');
    await leavesNothing(player, user);
  });

  /**
   * @promise nothing is hidden
   * @fault somebody deletes the pod or the namespace of a lab that starts
   * @outcome the spawn fails with `pod_deleted`, `pod_missing` or `namespace_gone`
   */
  it.each([
    ['pod', (user: string) => `${pathOf(user)}/pods/${user}-nb`],
    ['namespace', pathOf],
  ])('fails a spawn with a cause when its %s is deleted', async (what, path) => {
    const user = `starts${what}`;
    player.cluster.kubelets.setScript('science/hanging', { failure: 'hang' });
    await player.runtime.labs.create(aCreate(user, 'hanging'));
    const reading = storyOf(player.runtime.labs, user);
    await until(() => labOf(player.cluster, user)?.status?.phase === 'pending', 'the objects');

    await stranger.delete(path(user));

    expect((await reading).at(-1)?.entry).toMatchObject({ event: 'failed', message: 'Lab spawn failed' });
    expect(['pod_deleted', 'pod_missing', 'namespace_gone']).toContain(
      labOf(player.cluster, user)?.status?.failure?.reason,
    );
    await leavesNothing(player, user);
  });

  /**
   * @promise nothing is hidden
   * @fault somebody else was first to create an object that a lab needs
   * @outcome the lab comes up with it; a foreign pod in its place fails the spawn as `pod_taken`, which says whose it is
   */
  it('comes up, or says what is missing, when a stranger was first to create each of its objects', async () => {
    const kinds: string[] = [];
    for (let nth = 2; nth < 40; nth += 1) {
      const user = `first${nth}x`;
      const mine = concerns(user);
      const gate = player.proxy.gate(
        {
          where: (seen) =>
            mine(seen) &&
            seen.verb === 'create' &&
            seen.namespace === `userlabs-${user}` &&
            seen.resource !== 'events',
          nth: nth - 1,
        },
        'before',
      );
      const ending = SPAWN_CALLS.play(player, user);
      const held = await Promise.race([gate.reached, ending.then(() => undefined)]);
      if (held === undefined) break;
      const { metadata, ...rest } = JSON.parse(held.body) as { metadata: { name: string } };
      const theirs = { ...rest, metadata: { name: metadata.name } };
      // The cluster's own controllers may have been quicker than the stranger, too.
      await stranger.create(held.path.split('?')[0] ?? '', theirs).catch((error: unknown) => {
        if (!String(error).includes('AlreadyExists')) throw error;
      });
      gate.release();
      kinds.push(`${held.resource}: ${await ending}`);
      await leavesNothing(player, user);
    }
    console.log(`created by a stranger before us: ${kinds.join(', ')}`);
    // Only a pod that is not ours is in the way for good; the next start removes it with the namespace.
    expect(kinds.filter((kind) => !kind.endsWith(': complete'))).toEqual(['pods: pod_taken']);
    expect(kinds.length).toBeGreaterThan(5);
  });

  /**
   * @promise nothing is hidden
   * @fault the namespace is still terminating when its lab starts again
   * @outcome the spawn says so, and goes on when it is gone
   */
  it('waits for a namespace that is going, and says so', async () => {
    const user = 'going';
    await stranger.create('/api/v1/namespaces', { metadata: { name: `userlabs-${user}` } });
    await stranger.create(`${pathOf(user)}/configmaps`, {
      metadata: { name: 'held', finalizers: ['example.org/held'] },
    });
    await stranger.delete(pathOf(user));
    await player.runtime.labs.create(aCreate(user));
    const said = () => labOf(player.cluster, user)?.status?.ledger?.map(({ message }) => message) ?? [];
    await until(() => said().some((message) => message.includes('to be gone')), 'that it waits');

    await stranger.merge(`${pathOf(user)}/configmaps/held`, { metadata: { finalizers: null } });

    expect((await storyOf(player.runtime.labs, user)).at(-1)?.entry.event).toBe('complete');
    await leavesNothing(player, user);
  });

  /**
   * @promise nobody gets in
   * @fault a namespace of the lab’s name exists that bears neither our mark nor Nublado’s labels
   * @outcome the spawn is refused as `namespace_taken`; the namespace is untouched
   */
  it.each<[string, object]>([
    ['without any mark', {}],
    ['marked by another instance', { annotations: { 'berth.dev/instance': 'other' } }],
    [
      'with Nublado’s labels of another user',
      { labels: { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': 'else' } },
    ],
  ])('refuses a namespace %s, says so, and leaves it alone', async (what, marks) => {
    const user = `taken${what.length}`;
    await stranger.create('/api/v1/namespaces', { metadata: { name: `userlabs-${user}`, ...marks } });
    const before = JSON.stringify(namespaceOf(user));

    expect(await SPAWN_CALLS.play(player, user)).toBe('namespace_taken');

    const { ledger } = labOf(player.cluster, user)?.status ?? {};
    expect(ledger?.some(({ message }) => message.includes(`userlabs-${user} exists`))).toBe(true);
    await player.runtime.labs.remove(user);
    expect(JSON.stringify(namespaceOf(user))).toBe(before);
  });
});

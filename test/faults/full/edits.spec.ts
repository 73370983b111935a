import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LabsQueue } from '../../../src/labs/index.js';
import { until } from '../../support/until.js';
import { stored } from '../../support/cluster-shapes.js';
import { SPAWN_CALLS, leavesNothing } from '../support/call-run.js';
import { startPlayer } from '../support/call-suite.js';
import { concerns } from '../support/lab-calls.js';
import { Stranger } from '../support/stranger.js';

type Started = Awaited<ReturnType<typeof startPlayer>>;

const READS = ['get', 'list', 'watch'];
const NOTE = {
  metadata: { labels: { 'example.org/note': 'hello' }, annotations: { 'example.org/by': 'me' } },
};

interface Hand {
  readonly what: string;
  readonly path: (user: string) => string;
  readonly change?: object;
}

const core = (rest: (user: string) => string) => (user: string) =>
  `/api/v1/namespaces/userlabs-${user}${rest(user)}`;
const network = (user: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/userlabs-${user}/networkpolicies/${user}-nb`;
const labPath = (user: string): string => `/apis/berth.dev/v1alpha1/namespaces/berth/labs/${user}`;

/** Objects of a lab that we make and never look at again. */
const UNWATCHED = ['configmaps', 'secrets', 'serviceaccounts', 'resourcequotas', 'persistentvolumeclaims'];

/** What somebody may do with an editor to things of a lab that runs. */
const EDITS: readonly Hand[] = [
  { what: 'marks the namespace', path: core(() => ''), change: NOTE },
  { what: 'marks the pod', path: core((user) => `/pods/${user}-nb`), change: NOTE },
  { what: 'marks the Service', path: core(() => '/services/lab'), change: NOTE },
  {
    what: 'opens another port of the Service',
    path: core(() => '/services/lab'),
    change: { spec: { ports: [{ name: 'x', port: 9999, targetPort: 9999, protocol: 'TCP' }] } },
  },
  {
    what: 'widens the NetworkPolicy',
    path: network,
    change: { spec: { ingress: [{}] } },
  },
  { what: 'marks the record', path: labPath, change: NOTE },
];

describe('edits by somebody else', () => {
  let player: Started;
  let stranger: Stranger;

  beforeAll(async () => {
    player = await startPlayer();
    stranger = new Stranger(player.cluster);
  });

  afterAll(() => player.close());

  /** Resolves when the leader has looked at the lab from beginning to end, after all that happened before. */
  async function looked(user: string): Promise<void> {
    const queue = player.runtime.get(LabsQueue);
    let looks = 0;
    const broken: unknown[] = [];
    queue.onOutcome(({ key, error }) => {
      looks += Number(key === user);
      if (key === user && error !== undefined) broken.push(error);
    });
    for (const times of [1, 2, 3]) {
      queue.add(user);
      await until(() => looks >= times, `look ${times} at ${user}`);
    }
    expect(broken).toEqual([]);
  }

  const writesOf = (user: string, from: number): readonly string[] =>
    player.proxy.requests
      .slice(from)
      .filter((seen) => concerns(user)(seen) && !READS.includes(seen.verb))
      .map(({ verb, path }) => `${verb} ${path}`);

  async function running(user: string): Promise<number> {
    expect(await SPAWN_CALLS.play(player, user)).toBe('complete');
    const mine = concerns(user);
    const isLast = (verb: string, resource: string) => verb === 'create' && resource === 'events';
    await until(
      () =>
        player.proxy.requests.some((seen) => mine(seen) && isLast(seen.verb, seen.resource) && seen.status),
      'the announcement',
    );
    await looked(user);
    return player.proxy.requests.length;
  }

  /**
   * @promise nothing is wasted
   * @fault somebody edits the namespace, pod, Service, NetworkPolicy or record of a lab that runs
   * @outcome the lab runs on, nothing is written, and the edit stays; the next start has everything as it should be
   */
  it.each(EDITS.map((edit) => [edit.what, edit] as const))(
    'lets a lab run on, and writes nothing, when somebody %s',
    async (what, { path, change = {} }) => {
      const user = `edit${what.replace(/[^a-z]/gi, '').toLowerCase()}`.slice(0, 20);
      const from = await running(user);

      await stranger.merge(path(user), change);
      await looked(user);

      expect(writesOf(user, from)).toEqual([]);
      expect(player.runtime.labs.running()).toContain(user);
      await leavesNothing(player, user);
    },
  );

  /**
   * @promise nothing is wasted
   * @fault somebody deletes what a lab is made of and we do not watch: ConfigMaps, Secrets, ServiceAccount, ResourceQuota, claims
   * @outcome the lab runs on, nothing is written; the next start makes them again
   */
  it('lets a lab run on, and writes nothing, when somebody deletes what we do not watch', async () => {
    const user = 'bereft';
    const from = await running(user);
    const own = UNWATCHED.flatMap((resource) =>
      stored(player.cluster, resource)
        .filter(({ metadata }) => metadata.namespace === `userlabs-${user}`)
        .map(({ metadata }) => `${resource}/${metadata.name}`),
    );
    expect(new Set(own.map((one) => one.split('/')[0])).size).toBeGreaterThanOrEqual(3);

    for (const one of own) await stranger.delete(`/api/v1/namespaces/userlabs-${user}/${one}`);
    await looked(user);

    expect(writesOf(user, from)).toEqual([]);
    expect(player.runtime.labs.running()).toContain(user);
    await leavesNothing(player, user);
    expect(await SPAWN_CALLS.play(player, user)).toBe('complete');
    await leavesNothing(player, user);
  });
});

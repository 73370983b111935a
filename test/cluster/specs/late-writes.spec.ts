import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../simulator/faults/index.js';
import { millis } from '../../../src/common/units.js';
import type { SeenRequest } from '../../support/call-faults.js';
import { aCreate, someRuntimeSettings, startRuntime, storyOf } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { until } from '../../support/until.js';
import { inTime, pooled } from '../../support/work.js';
import { Api } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { RealPicture, steady } from '../support/real-picture.js';
import { grantRights } from '../support/rights.js';
import { describeReal } from '../support/shared-cluster.js';

const LEASE = {
  duration: millis(4_000),
  renewDeadline: millis(3_000),
  renewEvery: millis(500),
  lookEvery: millis(100),
};
/** Far beyond what any of it takes, also where many specs share two cores. */
const PATIENCE_MS = 240_000;
/** Runs beyond the writes of an undisturbed one. */
const SPARE = 2;
const READS = ['get', 'list', 'watch'];
const NOT_YET_THERE = {
  do: 'answer',
  status: 404,
  reason: 'NotFound',
  about: { kind: 'serviceaccounts', name: 'default' },
} as const;

interface Process {
  readonly proxy: FaultProxy;
  readonly berth: Runtime;
}

/** What is done for one user, through a process that does not lead. */
interface Deed {
  readonly before?: (berth: Runtime, user: string) => Promise<void>;
  readonly work: (berth: Runtime, user: string) => Promise<void>;
  /** Holds none after so many. */
  readonly upTo?: number;
}

/** A write of the old leader that is still on its way. */
interface Held {
  readonly user: string;
  readonly request: SeenRequest;
  readonly release: () => void;
}

describeReal('a leader that is deposed with a write on its way, on a real control plane', (cluster) => {
  const api = new Api(cluster);
  const processes: Process[] = [];
  let picture: RealPicture;
  let runs = 0;

  beforeAll(async () => {
    await installCrds(api);
    const instance = await freshNamespace(api, 'late');
    const ours = await grantRights(api, cluster, instance);
    picture = new RealPicture(api, instance);
    for (let nth = 0; nth < 2; nth += 1) {
      const { url: target, ca, users } = ours;
      const proxy = await startFaultProxy({ target, ca, token: users.berth ?? '' });
      // As where the cluster is late with its own service accounts, in every namespace: then the write is always ours.
      proxy.add({ match: { verb: 'get', resource: 'serviceaccounts' }, action: NOT_YET_THERE });
      const settings = someRuntimeSettings({ lab: { namespacePrefix: instance } });
      const berth = await startRuntime({ kubeconfig: proxy.kubeconfig(instance), settings, lease: LEASE });
      await berth.readiness.whenReady();
      processes.push({ proxy, berth });
    }
  });
  afterAll(async () => {
    for (const { berth } of processes) await berth.close();
    for (const { proxy } of processes) await proxy.close();
    await api.close();
  });

  async function leaderAndOther(): Promise<readonly [Process, Process]> {
    const find = (): Process | undefined => processes.find(({ berth }) => berth.leadership.leading);
    await until(() => find() !== undefined, 'a leader', PATIENCE_MS);
    const leader = find();
    const other = processes.find((one) => one !== leader);
    if (!leader || !other) throw new Error('not two processes');
    return [leader, other];
  }

  const isWriteOf =
    (user: string) =>
    ({ verb, resource, path, body }: SeenRequest): boolean =>
      !READS.includes(verb) && resource !== 'leases' && (path.includes(user) || body.includes(user));

  /** Does `work` undisturbed, and answers the leader's writes. */
  async function writesOf(user: string, work: (berth: Runtime) => Promise<void>): Promise<readonly string[]> {
    const [leader, other] = await leaderAndOther();
    const from = leader.proxy.requests.length;
    await work(other.berth);
    const writes = leader.proxy.requests.slice(from).filter(isWriteOf(user));
    return writes.map(kindOf);
  }

  /**
   * Does `work` for each user while one write of the leader is held, another of `writes` for each, and one after them for
   * those who are left; a new leader finishes it.
   */
  async function takeOver(
    users: readonly string[],
    work: Deed['work'],
    writes: readonly string[],
  ): Promise<readonly Held[]> {
    const [leader, other] = await leaderAndOther();
    const gates = users.map((user, index) => {
      // Several leave at once, in one order or another: each is known by its kind.
      const kind = writes[index];
      const where = (request: SeenRequest): boolean =>
        isWriteOf(user)(request) && (kind === undefined || kindOf(request) === kind);
      const alike =
        kind === undefined ? index : writes.slice(0, index).filter((each) => each === kind).length;
      return leader.proxy.late({ where, nth: alike + 1 });
    });
    const over = new Set<string>();
    const working = Promise.all(
      users.map(async (user) => {
        await work(other.berth, user);
        over.add(user);
      }),
    );
    await until(
      () => users.every((user, index) => (gates[index]?.arrivals ?? 0) > 0 || over.has(user)),
      'every write is held',
      PATIENCE_MS,
    );
    const giveBack = leader.proxy.add({
      match: { resource: 'leases' },
      action: { do: 'reset', at: 'before' },
    });
    await until(() => other.berth.leadership.leading, 'a new leader', PATIENCE_MS);
    await inTime(working, 'the work of the new leader');
    giveBack();
    const held = users.flatMap((user, index) => {
      const gate = gates[index];
      if (!gate || gate.arrivals === 0) return [];
      return [gate.reached.then((request) => ({ user, request, release: () => gate.release() }))];
    });
    return Promise.all(held);
  }

  async function land(held: readonly Held[]): Promise<void> {
    for (const { release } of held) release();
    await until(
      () => held.every(({ request }) => request.status !== undefined),
      'the late writes land',
      PATIENCE_MS,
    );
  }

  const someUsers = (prefix: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(2, '0')}`);

  async function spawn(berth: Runtime, user: string): Promise<void> {
    await berth.labs.create(aCreate(user));
    expect((await storyOf(berth.labs, user)).at(-1)?.entry.event).toBe('complete');
    await picture.requestServed(user);
  }

  async function stop(berth: Runtime, user: string): Promise<void> {
    await berth.labs.remove(user);
    await picture.filed(user);
  }

  /** One run for each write of the work: the old leader's arrives when the new one has finished. */
  async function expectNoHarm(name: string, { work, before, upTo }: Deed): Promise<void> {
    // A second try finds nothing that the first has left.
    runs += 1;
    const prefix = `${name}${String(runs)}-`;
    const model = `${prefix}calm`;
    const [{ berth: first }] = await leaderAndOther();
    await before?.(first, model);
    const writes = (await writesOf(model, (berth) => work(berth, model))).slice(0, upTo);
    const calm = steady(await picture.of(model));
    // What is told at once in one run may be told one by one in another.
    const users = someUsers(prefix, writes.length + SPARE);
    await pooled(users, (user) => before?.(first, user) ?? Promise.resolve());

    const held = await takeOver(users, work, writes);
    const after = await Promise.all(users.map((user) => picture.of(user)));
    await land(held);

    for (const [index, user] of users.entries()) {
      const whole = await picture.of(user);
      expect(whole, user).toEqual(after[index]);
      expect(steady(whole), user).toEqual(calm);
    }
    const landed = held.map(({ request }) => `${kindOf(request)} ${String(request.status)}`);
    console.log(`${name}, ${String(held.length)} late writes: ${landed.join(', ')}`);
    // What is announced comes when it comes, also after the work before this.
    const sure = writes.filter((kind) => kind !== 'create events');
    expect(held.map(({ request }) => kindOf(request))).toEqual(expect.arrayContaining(sure));
  }

  /**
   * @promise nothing is lost
   * @fault a write of a deposed leader, any one of a spawn, arrives when the new leader has finished the spawn
   * @outcome the same objects, the same record and the same story as without it
   */
  it(
    'does no harm to a spawn that another has finished',
    async () => {
      await expectNoHarm('spawned', { work: spawn });
    },
    PATIENCE_MS,
  );

  /**
   * @promise nothing is lost
   * @fault a write of a deposed leader, any one of a stop, arrives when the new leader has finished the stop
   * @outcome the same record and the same story as without it
   */
  it(
    'does no harm to a stop that another has finished',
    async () => {
      await expectNoHarm('stopped', { before: spawn, work: stop });
    },
    PATIENCE_MS,
  );

  /**
   * @promise nothing is lost
   * @fault a write of a deposed leader, any one of a spawn, arrives when the new leader has finished the spawn and a second one over it
   * @outcome the same objects, the same record and the same story as without it
   */
  it(
    'does no harm to a lab that was stopped and spawned again meanwhile',
    async () => {
      await expectNoHarm('again', {
        // Those of the first life.
        upTo: 12,
        work: async (berth, user) => {
          await spawn(berth, user);
          await stop(berth, user);
          await spawn(berth, user);
        },
      });
    },
    PATIENCE_MS,
  );
});

const kindOf = ({ verb, resource, subresource }: SeenRequest): string =>
  [verb, resource, subresource].join(' ').trim();

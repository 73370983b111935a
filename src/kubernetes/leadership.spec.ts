import { afterEach, describe, expect, it } from 'vitest';
import { millis, seconds } from '../common/units.js';
import { someSettings } from '../../test/gen/index.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import { connectTo } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { letSocketsSpeak } from '../../test/support/until.js';
import { InformerStores } from './informer-stores.js';
import { Leadership } from './leadership.js';
import { LeaseFile } from './lease-file.js';
import { KubeReader } from './reader.js';
import { KubeWriter } from './writer.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Spec {
  holderIdentity?: string;
  renewTime?: string;
  acquireTime?: string;
  leaseDurationSeconds?: number;
  leaseTransitions?: number;
}

/** One lease behind HTTP: create, read, JSON patch with tests; and faults. */
class LeaseServer {
  spec: Spec | undefined;
  fault: 'none' | 'down' | 'lose-answers' | 'keep-answers' = 'none';
  writes = 0;
  readonly start = (): Promise<FakeApi> => FakeApi.start((asked, response) => this.answer(asked, response));

  private answer(asked: { method: string; body: string }, response: Parameters<typeof sendJson>[0]): void {
    const details = { name: 'berth', kind: 'leases' };
    const known = this.spec;
    if (this.fault === 'down') sendStatus(response, 503, 'ServiceUnavailable');
    else if (asked.method === 'POST' && known) sendStatus(response, 409, 'AlreadyExists', details);
    else if (asked.method !== 'POST' && !known) sendStatus(response, 404, 'NotFound', details);
    else if (!this.isTaken(asked, known)) sendStatus(response, 422, 'Invalid');
    else if (this.fault === 'lose-answers' && asked.method !== 'GET') response.destroy();
    else if (this.fault === 'keep-answers') return;
    else sendJson(response, 200, { metadata: { name: 'berth', uid: 'u' }, spec: this.spec });
  }

  private isTaken(asked: { method: string; body: string }, known: Spec | undefined): boolean {
    if (asked.method === 'PATCH' && known) return this.patch(known, asked.body);
    if (asked.method === 'POST') this.write((JSON.parse(asked.body) as { spec: Spec }).spec);
    return true;
  }

  private patch(spec: Spec, body: string): boolean {
    const operations = JSON.parse(body) as { op: string; path: string; value: unknown }[];
    const object = { metadata: { uid: 'u' }, spec: { ...spec } } as unknown as Record<
      string,
      Record<string, unknown>
    >;
    for (const { op, path, value } of operations) {
      const [, group = '', field = ''] = path.split('/');
      if (op === 'test' && object[group]?.[field] !== value) return false;
      if (op === 'add') object[group] = { ...object[group], [field]: value };
    }
    this.write(object.spec as Spec);
    return true;
  }

  private write(spec: Spec): void {
    this.spec = spec;
    this.writes += 1;
  }
}

interface Candidate {
  readonly leadership: Leadership;
  readonly changes: boolean[];
  readonly log: MemoryLog;
}

async function candidate(
  api: FakeApi,
  clock: FakeClock,
  identity: string,
  times: Partial<LeaseFile['settings']> = {},
): Promise<Candidate> {
  const transport = await connectTo(api.url, { clock });
  const stores = new InformerStores();
  const settings = {
    ref: { namespace: 'berth', name: 'berth' },
    identity,
    duration: seconds(30),
    renewDeadline: seconds(15),
    renewEvery: seconds(5),
    lookEvery: seconds(2),
    ...times,
  };
  const file = new LeaseFile(
    new KubeReader(transport, stores, clock),
    new KubeWriter(transport, stores),
    settings,
    clock,
  );
  const log = new MemoryLog();
  const leadership = new Leadership(file, clock, log);
  const changes: boolean[] = [];
  leadership.onChange((leading) => changes.push(leading));
  closers.push(() => transport.close());
  return { leadership, changes, log };
}

/** Time passes in steps of half a second, with pauses in which sockets deliver. */
async function pass(clock: FakeClock, spanSeconds: number): Promise<void> {
  for (let i = 0; i < spanSeconds * 2; i += 1) {
    await clock.advance(500);
    await letSocketsSpeak();
  }
}

async function scene(): Promise<{ server: LeaseServer; api: FakeApi; clock: FakeClock }> {
  const server = new LeaseServer();
  const api = await server.start();
  closers.push(() => api.stop());
  return { server, api, clock: new FakeClock() };
}

describe('Leadership', () => {
  it('makes the lease, leads, and renews it with six decimals', async () => {
    const { server, api, clock } = await scene();
    const { leadership, changes } = await candidate(api, clock, 'one');

    leadership.start();
    await pass(clock, 12);

    expect(leadership.leading).toBe(true);
    expect(changes).toEqual([true]);
    expect(server.spec).toMatchObject({
      holderIdentity: 'one',
      leaseDurationSeconds: 30,
      leaseTransitions: 0,
    });
    expect(server.spec?.renewTime).toMatch(/^2026-01-01T00:00:\d\d\.\d{6}Z$/);
    expect(server.writes).toBe(3);
  });

  /**
   * @promise nothing is lost
   * @fault the leader vanishes, at whatever moment between two looks of those who would follow it
   * @outcome by the times of the lease another leads within its duration and two seconds, with the default settings
   */
  it.each([0, 1, 2, 3])(
    'takes the lease of a leader that vanishes in time (%i half seconds after a look)',
    async (halves) => {
      const { server, api, clock } = await scene();
      const { lease } = someSettings().berth;
      const times = { duration: lease.duration, lookEvery: millis(lease.retryInterval / 2) };
      const { leadership } = await candidate(api, clock, 'two', times);
      server.spec = { holderIdentity: 'one', leaseDurationSeconds: 20, renewTime: 'the first' };
      leadership.start();
      await pass(clock, 10);
      for (let half = 0; half < halves; half += 1) await pass(clock, 0.5);
      server.spec = { ...server.spec, renewTime: 'the last' };
      const lost = clock.now();

      await pass(clock, lease.duration / 1000 + 2);

      expect(leadership.leading).toBe(true);
      const took = Date.parse(server.spec.acquireTime ?? '') - lost;
      expect(took).toBeGreaterThanOrEqual(lease.duration);
      expect(took).toBeLessThanOrEqual(lease.duration + 2_000);
    },
  );

  it('takes a lease when it ends, not at the look after that', async () => {
    const { server, api, clock } = await scene();
    const { leadership } = await candidate(api, clock, 'two', { lookEvery: seconds(7) });
    server.spec = { holderIdentity: 'one', leaseDurationSeconds: 20, renewTime: 'the last' };
    leadership.start();

    await pass(clock, 19);
    expect(leadership.leading).toBe(false);
    await pass(clock, 1.5);

    expect(leadership.leading).toBe(true);
  });

  /**
   * @promise nothing is lost
   * @fault the clock of the lease’s holder is wrong
   * @outcome a lease is judged by how long a process itself saw it unchanged, never by its time
   */
  it('takes a lease only after seeing it unchanged for as long as its holder promised, whatever its time says', async () => {
    const { server, api, clock } = await scene();
    server.spec = {
      holderIdentity: 'dead',
      leaseDurationSeconds: 20,
      renewTime: '1999-01-01T00:00:00.000000Z',
      leaseTransitions: 4,
    };
    const { leadership } = await candidate(api, clock, 'two');

    leadership.start();
    await pass(clock, 18);
    expect(leadership.leading).toBe(false);
    clock.jumpWall(3_600_000);
    await pass(clock, 6);

    expect(leadership.leading).toBe(true);
    expect(server.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 5 });
  });

  it('hands the lease over when stopped, so that the next one leads at once', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    const two = await candidate(api, clock, 'two');
    one.leadership.start();
    await pass(clock, 1);
    two.leadership.start();
    await pass(clock, 3);
    expect(two.leadership.leading).toBe(false);

    await one.leadership.stop();
    expect(one.changes).toEqual([true, false]);
    expect(server.spec?.holderIdentity).toBe('');
    await pass(clock, 3);

    expect(two.leadership.leading).toBe(true);
  });

  it('hands it over although its last renewal was cut off and made all the same', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    one.leadership.start();
    await pass(clock, 1);

    server.fault = 'keep-answers';
    await pass(clock, 6);
    server.fault = 'none';
    await one.leadership.stop();

    expect(server.spec?.holderIdentity).toBe('');
  });

  it('gives others time to see that a lease which was not handed over has run out', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    one.leadership.start();
    await pass(clock, 1);
    server.fault = 'down';
    const stopped = one.leadership.stop();
    await pass(clock, 4);
    await stopped;
    server.fault = 'none';
    let abandoned = false;

    void one.leadership.abandoned(new AbortController().signal).then(() => (abandoned = true));
    await pass(clock, 50);
    expect(abandoned).toBe(false);
    await pass(clock, 20);

    expect(abandoned).toBe(true);
  });

  it('knows, once stopped, that nobody follows; not while somebody leads or nobody can be asked', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    const two = await candidate(api, clock, 'two');
    one.leadership.start();
    await pass(clock, 1);
    await one.leadership.stop();
    two.leadership.start();
    await pass(clock, 3);
    let abandoned = false;

    void one.leadership.abandoned(new AbortController().signal).then(() => (abandoned = true));
    await pass(clock, 60);
    expect(abandoned).toBe(false);
    await two.leadership.stop();
    server.fault = 'down';
    await pass(clock, 60);
    expect(abandoned).toBe(false);
    server.fault = 'none';
    await pass(clock, 40);

    expect(abandoned).toBe(true);
  });

  /**
   * @promise nothing is lost
   * @fault the leader cannot renew its lease
   * @outcome it stops leading before anybody else may begin
   */
  it('stops leading when it could not renew in time, before anybody else may lead', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    one.leadership.start();
    await pass(clock, 1);

    server.fault = 'down';
    await pass(clock, 13);
    expect(one.leadership.leading).toBe(true);
    await pass(clock, 6);
    expect(one.leadership.leading).toBe(false);
    server.fault = 'none';
    await pass(clock, 8);

    expect(one.changes).toEqual([true, false, true]);
    expect(server.spec).toMatchObject({ holderIdentity: 'one' });
  });

  it('tells of an outage once, however long it takes', async () => {
    const { server, api, clock } = await scene();
    const { leadership, log } = await candidate(api, clock, 'one');
    leadership.start();
    await pass(clock, 1);

    for (let outage = 0; outage < 2; outage += 1) {
      server.fault = 'down';
      await pass(clock, 60);
      server.fault = 'none';
      await pass(clock, 8);
    }

    const told = (level: string) =>
      log.lines.filter((line) => line.level === level && line.message.startsWith('lease request failed'));
    expect(told('warn')).toHaveLength(2);
    expect(told('debug').length).toBeGreaterThan(2);
  });

  it('goes on leading although the answers to its renewals are lost', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    one.leadership.start();
    await pass(clock, 1);

    server.fault = 'lose-answers';
    await pass(clock, 8);
    server.fault = 'none';
    await pass(clock, 12);

    expect(one.changes).toEqual([true]);
  });

  it('follows at once when another took the lease', async () => {
    const { server, api, clock } = await scene();
    const one = await candidate(api, clock, 'one');
    one.leadership.start();
    await pass(clock, 1);

    server.spec = { ...server.spec, holderIdentity: 'two', renewTime: 'later' };
    await pass(clock, 6);

    expect(one.changes).toEqual([true, false]);
  });

  it.each([1, 2, 3, 4])(
    'never has two leaders when somebody deletes the lease, %s s after',
    async (after) => {
      const { server, api, clock } = await scene();
      const [one, two] = [await candidate(api, clock, 'one'), await candidate(api, clock, 'two')];
      one.leadership.start();
      await pass(clock, 1);
      two.leadership.start();
      await pass(clock, 10 + after);
      const together: boolean[] = [];
      const look = (): number => together.push(one.leadership.leading && two.leadership.leading);
      for (const { leadership } of [one, two]) leadership.onChange(look);

      server.spec = undefined;
      await pass(clock, 40);

      expect(together).not.toContain(true);
      expect([one, two].filter(({ leadership }) => leadership.leading)).toHaveLength(1);
      await Promise.all([one, two].map(({ leadership }) => leadership.stop()));
    },
  );

  /**
   * @promise nothing is lost
   * @fault three replicas are cut off and come back at random
   * @outcome never do two lead at a time
   */
  it('never has two leaders among three who are cut off at random', async () => {
    const { server, api, clock } = await scene();
    const all = await Promise.all(['one', 'two', 'three'].map((name) => candidate(api, clock, name)));
    for (const { leadership } of all) leadership.start();
    let together = 0;
    const count = (): number => all.filter(({ leadership }) => leadership.leading).length;
    for (const { leadership } of all) leadership.onChange(() => (together = Math.max(together, count())));
    for (let round = 0; round < 8; round += 1) {
      server.fault = round % 3 === 1 ? 'down' : round % 3 === 2 ? 'lose-answers' : 'none';
      await pass(clock, 5 + ((round * 7) % 13));
    }
    server.fault = 'none';
    await pass(clock, 35);

    expect(together).toBe(1);
    expect(count()).toBe(1);
    await Promise.all(all.map(({ leadership }) => leadership.stop()));
  });
});

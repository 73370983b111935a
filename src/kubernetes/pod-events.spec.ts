import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeApi, sendJson, sendStatus, type Asked } from '../../test/support/fake-api.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import { connectTo } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { letSocketsSpeak, passUntil, until } from '../../test/support/until.js';
import { PodEvents } from './pod-events.js';
import { SeenVersions } from './versions.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const anEvent = (uid: string, version: number, namespace = 'lab-a', extra: object = {}): object => ({
  kind: 'Event',
  metadata: { name: uid, namespace, uid, resourceVersion: String(version) },
  involvedObject: { kind: 'Pod', namespace, name: 'p', uid: 'pod-uid', resourceVersion: '1' },
  type: 'Normal',
  reason: 'Pulling',
  message: `Pulling "namespace":"trap" ${uid}`,
  source: { component: 'kubelet' },
  lastTimestamp: '2026-01-01T00:00:05Z',
  count: 2,
  ...extra,
});
const line = (object: object, type = 'ADDED'): string => `${JSON.stringify({ type, object })}\n`;

interface Scene {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  readonly versions: SeenVersions;
  readonly events: PodEvents;
  readonly told: string[];
  readonly watches: () => (string | null)[];
  /** The response of the nth watch, from 1. */
  readonly streams: ServerResponse[];
  readonly log: MemoryLog;
  gaps: number;
}

/** `storeVersion`: what a list of events says. */
async function scene(storeVersion: () => number = () => 1_000_000): Promise<Scene> {
  const clock = new FakeClock();
  const streams: ServerResponse[] = [];
  const api = await FakeApi.start((asked, response) => {
    if (!asked.query.has('watch')) {
      sendJson(response, 200, {
        metadata: { resourceVersion: String(storeVersion()) },
        items: [anEvent('listed', 5)],
      });
      return;
    }
    response.writeHead(200);
    response.flushHeaders();
    streams.push(response);
  });
  const transport = await connectTo(api.url, { clock });
  const versions = new SeenVersions(clock);
  const log = new MemoryLog();
  const events = new PodEvents(transport, versions, clock, log);
  const told: string[] = [];
  events.onEvent((event) => told.push(`${event.uid}@${event.resourceVersion}`));
  closers.push(
    () => api.stop(),
    () => transport.close(),
    () => events.stop(),
  );
  const isWatch = (asked: Asked): boolean => asked.query.has('watch');
  const result: Scene = {
    ...{ api, clock, versions, events, told, streams, log },
    watches: () => api.asked.filter(isWatch).map(({ query }) => query.get('resourceVersion')),
    gaps: 0,
  };
  events.onGap(() => (result.gaps += 1));
  return result;
}

/** Time passes in small steps with pauses for sockets. */
async function pass(clock: FakeClock, spanMs: number): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(spanMs / 20);
    await letSocketsSpeak();
  }
}

describe('PodEvents', () => {
  it('waits for a version, then watches all pods without listing the cluster', async () => {
    const { api, clock, events, versions, watches } = await scene();
    events.watch(() => true);
    await pass(clock, 1000);
    expect(api.asked).toHaveLength(0);

    versions.saw('100');
    await passUntil(clock, 50, () => watches().length === 1);

    expect(watches()).toEqual(['100']);
    expect(api.asked.map(({ query }) => [query.get('limit'), query.get('fieldSelector')])).toEqual([
      ['1', null],
      [null, 'involvedObject.kind=Pod'],
    ]);
  });

  it('tells the events of accepted namespaces alone, each state once', async () => {
    const { events, versions, streams, told } = await scene();
    const seen: unknown[] = [];
    events.onEvent((event) => seen.push(event));
    versions.saw('100');
    events.watch((namespace) => namespace === 'lab-a');
    await until(() => streams.length === 1);

    streams[0]?.write(
      line(anEvent('e1', 101)) + line(anEvent('e2', 102, 'other')) + line(anEvent('e1', 101)),
    );
    streams[0]?.write(line(anEvent('e1', 103), 'MODIFIED') + line(anEvent('e1', 103), 'DELETED'));
    await until(() => told.length === 2);

    expect(told).toEqual(['e1@101', 'e1@103']);
    expect(seen[0]).toEqual({
      namespace: 'lab-a',
      podName: 'p',
      podUid: 'pod-uid',
      uid: 'e1',
      resourceVersion: '101',
      type: 'Normal',
      reason: 'Pulling',
      message: 'Pulling "namespace":"trap" e1',
      count: 2,
      at: Date.parse('2026-01-01T00:00:05Z'),
      component: 'kubelet',
      fieldPath: undefined,
    });
  });

  it('reads the newer shape of events too', async () => {
    const { events, versions, streams } = await scene();
    const seen: { count: number; at: number; component: string; fieldPath?: string | undefined }[] = [];
    events.onEvent((event) => seen.push(event));
    versions.saw('100');
    events.watch(() => true);
    await until(() => streams.length === 1);

    const series = { count: 7, lastObservedTime: '2026-01-01T00:00:09.000000Z' };
    const newer = {
      count: undefined,
      lastTimestamp: null,
      source: {},
      series,
      reportingComponent: 'default-scheduler',
    };
    const involvedObject = { kind: 'Pod', name: 'p', uid: 'u', fieldPath: 'spec.containers{notebook}' };
    streams[0]?.write(line(anEvent('e', 101, 'lab-a', { ...newer, involvedObject })));
    await until(() => seen.length === 1);

    expect(seen[0]).toMatchObject({
      count: 7,
      at: Date.parse('2026-01-01T00:00:09Z'),
      component: 'default-scheduler',
      fieldPath: 'spec.containers{notebook}',
    });
  });

  it('moves on every two minutes to what other watches had seen, and drops what it is told again', async () => {
    const { clock, events, versions, streams, told, watches } = await scene();
    versions.saw('100');
    events.watch(() => true);
    await until(() => streams.length === 1);

    await pass(clock, 60_000);
    versions.saw('200');
    await pass(clock, 40_000);
    streams[0]?.write(line(anEvent('e1', 250)));
    await until(() => told.length === 1);
    versions.saw('300');
    await pass(clock, 20_000);
    await until(() => streams.length === 2);
    streams[1]?.write(line(anEvent('e1', 250)) + line(anEvent('e2', 301)));
    await until(() => told.length === 2);

    // The last event came at 100 s; ten seconds before, the newest version seen was 200.
    expect(watches()).toEqual(['100', '200']);
    expect(told).toEqual(['e1@250', 'e2@301']);
  });

  it('after a quiet turn goes back to its beginning: silence may have been a dead connection', async () => {
    const { clock, events, versions, streams, watches } = await scene();
    versions.saw('100');
    await clock.advance(15_000);
    events.watch(() => true);
    await until(() => streams.length === 1);
    await pass(clock, 60_000);
    versions.saw('200');

    await pass(clock, 60_000);
    await until(() => streams.length === 2);
    await pass(clock, 120_000);
    await until(() => streams.length === 3);

    expect(watches()).toEqual(['100', '100', '200']);
  });

  it('goes on after a reset from where it surely was', async () => {
    const { api, clock, events, versions, streams, told, watches } = await scene();
    versions.saw('100');
    events.watch(() => true);
    await until(() => streams.length === 1);
    streams[0]?.write(line(anEvent('e1', 101)));
    await until(() => told.length === 1);
    await pass(clock, 30_000);
    versions.saw('500');

    api.cut();
    await passUntil(clock, 50, () => streams.length === 2);

    expect(watches()).toEqual(['100', '100']);
  });

  it('is back at once however often something ends a watch that was merely quiet', async () => {
    const { clock, events, versions, streams } = await scene();
    versions.saw('100');
    events.watch(() => true);
    for (let nth = 1; nth <= 8; nth += 1) {
      await passUntil(clock, 50, () => streams.length === nth);
      await pass(clock, 60_000);
      streams.at(-1)?.end();
    }

    const ended = clock.monotonic();
    await passUntil(clock, 50, () => streams.length === 9);

    expect(clock.monotonic() - ended).toBeLessThan(2000);
  });

  it.each(['by status', 'by an event'])('after 410 %s tells of the gap and goes on from now', async (how) => {
    const page = await scene();
    const { api, clock, events, versions, streams, watches } = page;
    const inner = api.script;
    api.script = (asked, response) => {
      if (asked.query.get('resourceVersion') !== '100') return inner(asked, response);
      if (how === 'by status') sendStatus(response, 410, 'Expired');
      else response.end(line({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }, 'ERROR'));
      return undefined;
    };
    versions.saw('100');
    await clock.advance(30_000);
    versions.saw('900');
    await clock.advance(5000);
    events.watch(() => true);
    await passUntil(clock, 200, () => streams.length === 1);

    expect(page.gaps).toBeGreaterThanOrEqual(1);
    expect(watches().at(-1)).toBe('900');
  });

  it('notices that events live in a store of their own, and watches from its versions', async () => {
    let version = 40;
    const { api, clock, events, versions, streams, watches } = await scene(() => version);
    versions.saw('100');
    events.watch(() => true);
    await until(() => streams.length === 1);
    version = 44;

    await pass(clock, 120_000);
    await until(() => streams.length === 2);
    version = 48;
    await pass(clock, 120_000);
    await until(() => streams.length === 3);

    expect(watches()).toEqual(['40', '40', '44']);
    expect(api.asked.filter(({ query }) => query.get('limit') === '1')).toHaveLength(3);
  });

  it('lists one namespace on request, and tells what was not told yet', async () => {
    const { api, events, told } = await scene();

    await events.listNamespace('lab-a');
    await events.listNamespace('lab-a');

    expect(told).toEqual(['listed@5']);
    expect(api.asked[0]).toMatchObject({ path: '/api/v1/namespaces/lab-a/events' });
    expect(api.asked[0]?.query.get('fieldSelector')).toBe('involvedObject.kind=Pod');
  });

  it('is not troubled by a listener that throws', async () => {
    const { events, versions, streams, told, log } = await scene();
    events.onEvent(() => {
      throw new Error('mine');
    });
    versions.saw('100');
    events.watch(() => true);
    await until(() => streams.length === 1);

    streams[0]?.write(line(anEvent('e1', 101)) + line(anEvent('e2', 102)));
    await until(() => told.length === 2);

    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { millis } from '../common/units.js';
import { KeyedQueue, type QueueOptions, type RunReport } from './keyed-queue.js';
import { again, settled, TerminalError, type Outcome } from './outcome.js';
import type { Run } from './run.js';

interface Scene {
  readonly queue: KeyedQueue<string>;
  readonly clock: FakeClock;
  readonly runs: string[];
  readonly reports: RunReport<string>[];
}

function scene(
  work: (key: string, run: Run) => Promise<Outcome> = () => Promise.resolve(settled),
  options: Partial<QueueOptions<string>> = {},
): Scene {
  const clock = new FakeClock();
  const runs: string[] = [];
  const reports: RunReport<string>[] = [];
  const reconcile = (key: string, run: Run): Promise<Outcome> => {
    runs.push(key);
    return work(key, run);
  };
  const queue = new KeyedQueue<string>(
    { reconcile },
    {
      name: 'labs',
      concurrency: 2,
      clock,
      log: new MemoryLog(),
      random: () => 1,
      ...options,
    },
  );
  queue.onOutcome((report) => reports.push(report));
  return { queue, clock, runs, reports };
}

/** Work that ends when the spec says so. */
function held(): { work: () => Promise<Outcome>; release: () => void; waiting: () => number } {
  const waiting: (() => void)[] = [];
  return {
    work: () => new Promise((resolve) => waiting.push(() => resolve(settled))),
    release: () => waiting.shift()?.(),
    waiting: () => waiting.length,
  };
}

describe('KeyedQueue', () => {
  it('runs nothing before it is started, and keeps the marks', async () => {
    const { queue, clock, runs } = scene();
    queue.add('a');

    await clock.advance(1000);
    expect(runs).toEqual([]);
    queue.start();
    await clock.advance(0);

    expect(runs).toEqual(['a']);
  });

  it('merges marks, and the earliest time wins', async () => {
    const { queue, clock, runs } = scene();
    queue.start();
    queue.add('a', millis(500));
    queue.add('a', millis(100));
    queue.add('a', millis(900));

    await clock.advance(99);
    expect(queue.stats()).toEqual({ queued: 0, running: 0, delayed: 1 });
    await clock.advance(2000);

    expect(runs).toEqual(['a']);
  });

  it('runs a key again that was marked while it ran, never twice at once', async () => {
    const { work, release, waiting } = held();
    const { queue, clock, runs } = scene(work);
    queue.start();
    queue.add('a');
    queue.add('a');
    await clock.advance(0);
    expect(waiting()).toBe(1);

    release();
    await clock.advance(0);
    expect(runs).toEqual(['a', 'a']);
    release();
    await clock.advance(1000);

    expect(runs).toEqual(['a', 'a']);
  });

  it('bounds how many run at once and takes the next in the given order', async () => {
    const { work, release, waiting } = held();
    const { queue, clock, runs } = scene(work, { concurrency: 1, rank: (key) => [key] });
    queue.start();
    for (const key of ['first', 'c', 'b', 'a']) queue.add(key);

    await clock.advance(0);
    expect(waiting()).toBe(1);
    expect(queue.stats()).toEqual({ queued: 3, running: 1, delayed: 0 });
    for (let i = 0; i < 4; i += 1) {
      release();
      await clock.advance(0);
    }

    expect(runs).toEqual(['first', 'a', 'b', 'c']);
  });

  it('bounds those that need a place, until they leave it, and lets others run beside them', async () => {
    const { work, release, waiting } = held();
    const leave = new Map<string, () => void>();
    const { queue, clock, runs } = scene(
      (key, run) => {
        leave.set(key, run.leavePlace);
        return work();
      },
      {
        concurrency: 10,
        admission: { places: 2, isNeeded: (key) => key.startsWith('w') },
        rank: (key) => [Number(key.startsWith('w'))],
      },
    );
    for (const key of ['w1', 'w2', 'w3', 'w4', 'look']) queue.add(key);
    queue.start();
    await clock.advance(0);
    expect(runs).toEqual(['look', 'w1', 'w2']);

    leave.get('w1')?.();
    leave.get('w1')?.();
    queue.add('glance');
    await clock.advance(0);
    expect(runs).toEqual(['look', 'w1', 'w2', 'w3', 'glance']);

    while (waiting() > 0) {
      release();
      await clock.advance(0);
    }
    expect(runs).toEqual(['look', 'w1', 'w2', 'w3', 'glance', 'w4']);
    expect(queue.stats()).toEqual({ queued: 0, running: 0, delayed: 0 });
  });

  it('begins a few in one turn of the event loop, however many wait for nothing', async () => {
    const { queue, runs } = scene(undefined, { concurrency: 1_000 });
    for (let nth = 0; nth < 100; nth += 1) queue.add(String(nth));

    queue.start();
    // Runs that end at once make room for others, all in one turn.
    for (let step = 0; step < 1_000; step += 1) await Promise.resolve();
    expect(runs).toHaveLength(32);

    while (runs.length < 100) await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(runs).size).toBe(100);
    expect(queue.stats()).toEqual({ queued: 0, running: 0, delayed: 0 });
  });

  it('waits longer after each failure of a key, and starts afresh after a success', async () => {
    let failing = true;
    const { queue, clock, runs, reports } = scene(
      () => (failing ? Promise.reject(new Error('no')) : Promise.resolve(settled)),
      { backoff: { base: millis(100), max: millis(300) } },
    );
    queue.start();
    queue.add('a');

    await clock.advance(0);
    const at = [];
    for (let i = 0; i < 3; i += 1) {
      at.push(clock.untilNext);
      await clock.advance(clock.untilNext ?? 0);
    }
    expect(at).toEqual([100, 200, 300]);
    failing = false;
    await clock.advance(300);
    failing = true;
    queue.add('a');
    await clock.advance(0);

    expect(clock.untilNext).toBe(100);
    expect(runs).toHaveLength(6);
    expect(reports.map((report) => report.outcome)).toEqual([
      ...Array<string>(4).fill('failed'),
      'settled',
      'failed',
    ]);
  });

  it('leaves a key alone for as long as its failure asks, whoever marks it meanwhile', async () => {
    const busy = Object.assign(new Error('too many requests'), { retryAfter: millis(30_000) });
    const { queue, clock, runs } = scene(async (key) => {
      if (runs.length > 1) return settled;
      await clock.sleep(millis(10));
      queue.add(key);
      throw busy;
    });
    queue.start();
    queue.add('a');
    await clock.advance(10);

    for (let second = 1; second < 30; second += 1) {
      await clock.advance(1000);
      queue.add('a');
      queue.add('b');
    }
    expect(runs.filter((key) => key === 'a')).toHaveLength(1);
    await clock.advance(1000);

    expect(runs.filter((key) => key === 'a')).toHaveLength(2);
    queue.add('a');
    await clock.advance(0);
    expect(runs.filter((key) => key === 'a')).toHaveLength(3);
  });

  it.each([3_600_000, Infinity, Number.NaN])(
    'leaves it alone no longer than half a minute: %d',
    async (retryAfter) => {
      const busy = Object.assign(new Error('too many requests'), { retryAfter });
      const { queue, clock, runs } = scene((key) =>
        key === 'a' ? Promise.reject(busy) : Promise.resolve(settled),
      );
      queue.start();
      queue.add('a');

      await clock.advance(30_000);
      queue.add('a');
      queue.add('b');
      await clock.advance(0);

      expect(runs.filter((key) => key === 'a').length).toBeGreaterThan(1);
      expect(runs).toContain('b');
    },
  );

  it('goes by its own patience where that is longer than what a failure asks', async () => {
    const busy = Object.assign(new Error('too many requests'), { retryAfter: millis(40) });
    const { queue, clock, runs } = scene(() => Promise.reject(busy), {
      backoff: { base: millis(100), max: millis(300) },
    });
    queue.start();
    queue.add('a');

    await clock.advance(99);
    expect(runs).toHaveLength(1);
    await clock.advance(1);

    expect(runs).toHaveLength(2);
  });

  it('lets a key rest after a terminal error until somebody marks it', async () => {
    const log = new MemoryLog();
    const { queue, clock, runs } = scene(() => Promise.reject(new TerminalError('hopeless')), { log });
    queue.start();
    queue.add('a');

    await clock.advance(3_600_000);
    expect(runs).toEqual(['a']);
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { queue: 'labs', key: 'a' } });
    queue.add('a');
    await clock.advance(0);

    expect(runs).toEqual(['a', 'a']);
  });

  it('looks again after the time that the outcome names', async () => {
    const { queue, clock, runs } = scene(() => Promise.resolve(again(millis(50))));
    queue.start();
    queue.add('a');

    await clock.advance(120);

    expect(runs).toEqual(['a', 'a', 'a']);
  });

  it('pauses: aborts what runs, keeps the marks, goes on at the next start', async () => {
    const signals: AbortSignal[] = [];
    const { queue, clock, runs } = scene((_, { signal }) => {
      signals.push(signal);
      return new Promise((__, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    });
    queue.start();
    queue.add('a');
    await clock.advance(0);

    queue.pause();
    queue.add('b');
    await clock.advance(60_000);
    expect(runs).toEqual(['a']);
    expect(signals[0]?.aborted).toBe(true);
    queue.start();
    await clock.advance(0);

    expect(runs.sort()).toEqual(['a', 'a', 'b']);
    expect(signals[1]?.aborted).toBe(false);
  });

  it('drains: waits for what runs, starts nothing more', async () => {
    const { work, release } = held();
    const { queue, clock, runs } = scene(work, { concurrency: 1 });
    queue.start();
    queue.add('a');
    queue.add('b');
    await clock.advance(0);
    let drained = false;
    const draining = queue.drain(millis(5000)).then(() => (drained = true));

    await clock.advance(1000);
    expect(drained).toBe(false);
    release();
    await draining;
    queue.add('c');

    expect(runs).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  it('drains within its deadline although a run heeds no signal', async () => {
    let aborted = false;
    const { queue, clock } = scene((_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    });
    queue.start();
    queue.add('a');
    await clock.advance(0);
    const draining = queue.drain(millis(5000));

    await clock.advance(5000);
    expect(aborted).toBe(true);
    await clock.advance(1000);

    await expect(draining).resolves.toBeUndefined();
  });

  it('tells everything below which run it belongs to', async () => {
    const log = new MemoryLog();
    const { queue, clock, reports } = scene(
      (_, run) => {
        run.log.info('deep inside');
        return Promise.resolve(settled);
      },
      { log },
    );
    queue.start();
    queue.add('a');
    await clock.advance(0);

    expect(log.lines.filter(({ message }) => message === 'deep inside')).toMatchObject([
      { fields: { queue: 'labs', key: 'a', reconcileId: reports[0]?.reconcileId } },
    ]);
  });

  it('loses no key and never runs one twice at once, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('add' as const),
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        after: fc.nat(50),
      }),
      fc.record({ do: fc.constant('advance' as const), by: fc.nat(80) }),
      fc.record({ do: fc.constantFrom('pause' as const, 'start' as const) }),
    );
    const result = fc.constantFrom('settled' as const, 'again' as const, 'throw' as const);

    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(result, { minLength: 5 }),
        async (steps, results) => {
          // A dozen, so that all pauses between failures fit into the time that is given.
          let calls = 0;
          const violations: string[] = [];
          const active = new Set<string>();
          const lastMark = new Map<string, number>();
          const lastRun = new Map<string, number>();
          const { queue, clock } = scene(async (key) => {
            if (active.has(key)) violations.push(`${key} ran twice at once`);
            active.add(key);
            if (active.size > 2) violations.push('more than two at once');
            lastRun.set(key, clock.monotonic());
            const outcome = results[calls++ % results.length];
            await clock.sleep(millis(7));
            active.delete(key);
            if (outcome === 'throw' && calls < 12) throw new Error('no');
            return outcome === 'again' && calls < 12 ? again(millis(5)) : settled;
          });
          queue.start();
          for (const one of steps) {
            if (one.do === 'add') {
              queue.add(one.key, millis(one.after));
              lastMark.set(one.key, clock.monotonic());
            } else if (one.do === 'advance') await clock.advance(one.by);
            else queue[one.do]();
          }
          queue.start();
          await clock.advance(600_000);

          expect(violations).toEqual([]);

          for (const [key, at] of lastMark) expect(lastRun.get(key) ?? -1).toBeGreaterThanOrEqual(at);
          expect(queue.stats()).toEqual({ queued: 0, running: 0, delayed: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });
});

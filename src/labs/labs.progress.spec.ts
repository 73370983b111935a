import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { aLab, aRecord, entry, progress } from '../../test/gen/observed.js';
import type { ActorContext } from './actor.context.js';
import type { Lab } from './lab.js';
import type { LabView } from './lab.view.js';
import type { ProgressStream } from './lab.views.js';
import { LabsProgress } from './labs.progress.js';
import type { LabsReadiness } from './labs.readiness.js';

const COMPLETE = aLab({
  record: aRecord({
    operation: progress({ last: 2, ended: 'succeeded' }),
    ledger: [entry(2, { event: 'complete', reason: 'complete' })],
  }),
});

interface Doubles {
  readonly find: (name: string) => Lab | undefined;
  readonly list?: () => readonly Lab[];
  readonly confirmed: (name: string) => Lab | undefined;
  readonly after?: (callback: () => void) => void;
}

/** Nothing more is told by the cache than it has now. */
function progressOver({ find, list, confirmed, after }: Doubles): LabsProgress {
  const view = { labs: { onChange: () => () => undefined, find, list: list ?? (() => []) }, memory: SILENT };
  const readiness = {
    hold: () => Promise.resolve(),
    confirmed: (name: string) => Promise.resolve(confirmed(name)),
  };
  const context = {
    settings: { berth: { streams: { perUser: 20 }, queue: { concurrency: 1 } } },
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_: number, callback: () => void) => {
        after?.(callback);
        return () => undefined;
      },
    },
  };
  return new LabsProgress(
    { ...view, world: { terms: { spawnTimeout: 1 } } } as unknown as LabView,
    readiness as unknown as LabsReadiness,
    context as unknown as ActorContext,
  );
}

const SILENT = { whyUnrecorded: () => undefined };

/** Live reads answer in turn with `live`. */
function progressOf(cached: Lab | undefined, live: readonly Lab[]): LabsProgress {
  const answers = [...live];
  return progressOver({
    find: () => cached,
    confirmed: () => (answers.length > 1 ? answers.shift() : answers[0]),
  });
}

async function read(labs: LabsProgress): Promise<readonly string[]> {
  const stream = await labs.open('rachel', undefined);
  const reasons: string[] = [];
  for await (const { entry: told } of stream.items()) reasons.push(told.reason);
  return reasons;
}

describe('LabsProgress', () => {
  it('tells the end that came while the live read was on its way', async () => {
    expect(await read(progressOf(COMPLETE, [aLab()]))).toEqual(['spawn_accepted', 'complete']);
  });

  it('reads again what left the cache while the live read was on its way', async () => {
    expect(await read(progressOf(undefined, [aLab(), COMPLETE]))).toEqual(['spawn_accepted', 'complete']);
  });

  it('goes on with a lab that only the cache has lost', async () => {
    const stream = await progressOf(undefined, [aLab()]).open('rachel', undefined);
    const items = stream.items()[Symbol.asyncIterator]();
    await items.next();
    let next: object | undefined;
    void items.next().then((result) => (next = result));
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();

    expect(next).toBeUndefined();
    stream.close();
  });

  it('tells a crowd their places a few at a time', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `u${String(index)}`);
    const labs = new Map(names.map((name) => [name, aLab({ name })]));
    const ticks: (() => void)[] = [];
    const find = (name: string): Lab | undefined => labs.get(name);
    const crowd = progressOver({
      find,
      list: () => Array.from(labs.values()),
      confirmed: find,
      after: (callback) => ticks.push(callback),
    });
    const told: string[] = [];
    for (const name of names) void follow(await crowd.open(name, undefined), name, told);
    await setImmediate();
    expect(told).toHaveLength(0);

    ticks.at(-1)?.();
    await setImmediate();
    // Those of the turn before, and of this one.
    expect(told.length).toBeLessThanOrEqual(32);
    while (told.length < 49) await setImmediate();

    // Whoever is written already has no place.
    expect(new Set(told).size).toBe(49);
  });
});

/** Notes the place that a stream tells. */
async function follow(stream: ProgressStream, name: string, told: string[]): Promise<void> {
  for await (const { entry: word } of stream.items()) if (word.reason === 'queued') told.push(name);
}

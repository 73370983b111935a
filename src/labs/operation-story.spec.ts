import { describe, expect, it } from 'vitest';

import { aLab, aRecord, aWish, after, entry, progress, stopWish } from '../../test/gen/observed.js';
import type { Lab, LedgerEntry } from './lab.js';
import type { ProgressItem } from './lab.views.js';
import { OperationStory } from './operation-story.js';
import { ProgressReader, placeAfter } from './progress-reader.js';

const told = (...ledger: LedgerEntry[]): Lab =>
  aLab({ record: aRecord({ operation: progress({ last: ledger.length + 1 }), ledger }) });
const COMPLETE = entry(3, { event: 'complete', reason: 'complete' });
const HINT = entry(0, { reason: 'queued', message: 'place 3' });

async function read(story: OperationStory, place = 0): Promise<ProgressItem[]> {
  const items: ProgressItem[] = [];
  for await (const item of new ProgressReader(story, place, () => undefined).items()) items.push(item);
  return items;
}
const ids = (items: readonly ProgressItem[]): unknown[] => items.map(({ id }) => id?.split('-')[1]);

/** Ends a reader that looks again and again without waiting; nothing else would, as it never leaves the turn. */
class WatchedStory extends OperationStory {
  private looks = 0;

  override get ended(): boolean {
    this.looks += 1;
    if (this.looks > 100) throw new Error('the reader spins');
    return super.ended;
  }
}

describe('the story of an operation', () => {
  it('lets a reader wait after a hint that was outdated by an entry', async () => {
    const story = new WatchedStory(aLab());
    const reading = read(story);
    story.say(HINT);
    await new Promise((resolve) => setImmediate(resolve));
    story.see(told(entry(2)));
    await new Promise((resolve) => setImmediate(resolve));
    story.see(told(entry(2), COMPLETE));

    expect(ids(await reading)).toEqual(['1', undefined, '2', '3']);
  });

  it('reaches a reader who came first, one who came late, and one who resumes', async () => {
    const story = new OperationStory(aLab());
    const early = read(story);
    story.see(told(entry(2)));
    await Promise.resolve();
    const late = read(story);
    story.see(told(entry(2), COMPLETE));

    expect(ids(await early)).toEqual(['1', '2', '3']);
    expect(ids(await late)).toEqual(['1', '2', '3']);
    expect(ids(await read(story, 2))).toEqual(['3']);
  });

  it('wakes its readers for news alone', () => {
    const story = new OperationStory(told(entry(2)));
    let woken = 0;
    story.next(() => (woken += 1));

    story.see(told(entry(2)));
    expect(woken).toBe(0);
    story.see(told(entry(2), entry(3)));

    expect(woken).toBe(1);
  });

  it('tells what was stored of it although another operation is heard of in the same moment', async () => {
    const [cancelled, complete] = [new OperationStory(told(entry(2))), new OperationStory(told(entry(2)))];
    const stopped = (...ledger: LedgerEntry[]): Lab => ({ ...told(...ledger), wish: stopWish() });

    cancelled.see(stopped(entry(2), entry(3)));
    complete.see(stopped(entry(2), COMPLETE));

    const end = (await read(cancelled)).at(-1)?.entry.reason;
    expect(ids(await read(cancelled))).toEqual(['1', '2', '3', undefined]);
    expect(end).toBe('operation_cancelled');
    expect(ids(await read(complete))).toEqual(['1', '2', '3']);
  });

  it('is not shortened by an older state', async () => {
    const story = new OperationStory(told(entry(2)));

    story.see(aLab());
    story.see(told(entry(2), COMPLETE));

    expect(ids(await read(story))).toEqual(['1', '2', '3']);
  });

  it('says words that are not stored without an id, and forgets them when something happens', async () => {
    const story = new OperationStory(aLab());
    const early = read(story);
    story.say(HINT);
    story.say({ ...HINT, number: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    story.see(told(entry(2), COMPLETE));

    expect(ids(await early)).toEqual(['1', undefined, '2', '3']);
    expect(ids(await read(story))).toEqual(['1', '2', '3']);
  });

  it('ends with a cancellation when another operation begins before its end', async () => {
    const story = new OperationStory(aLab());

    story.see(aLab({ wish: stopWish() }));

    expect((await read(story)).at(-1)).toMatchObject({
      entry: { event: 'failed', message: 'Operation cancelled' },
    });
  });

  it('keeps its own end when another operation begins after it', async () => {
    const story = new OperationStory(told(entry(2), COMPLETE));

    story.see(aLab({ wish: stopWish() }));

    expect((await read(story)).at(-1)?.entry.event).toBe('complete');
  });

  it('of a stop just ends when somebody starts again', async () => {
    const story = new OperationStory(aLab({ wish: stopWish() }));

    story.see(
      aLab({ wish: aWish({ operation: { id: 'another222', kind: 'spawn', acceptedAt: after(1) } }) }),
    );

    expect(ids(await read(story))).toEqual(['1']);
  });

  it('lets a reader go who closes', async () => {
    const story = new OperationStory(aLab());
    let left = 0;
    const reader = new ProgressReader(story, 0, () => (left += 1));
    const reading = (async () => {
      for await (const item of reader.items())
        if (item.entry.number === 1) setImmediate(() => reader.close());
    })();

    await reading;
    reader.close();

    expect(left).toBe(1);
  });
});

describe('the place after an id', () => {
  it.each([
    ['spawnaaaaa-7', 7],
    ['anotheraaa-7', 0],
    ['spawnaaaaa', 0],
    ['nonsense', 0],
    [undefined, 0],
    ['spawnaaaaa-7\n', 0],
    ['spawnaaaaa-64', 64],
    ['spawnaaaaa-999', 0],
  ])('%s is %i', (id, place) => {
    expect(placeAfter(id, 'spawnaaaaa')).toBe(place);
  });
});

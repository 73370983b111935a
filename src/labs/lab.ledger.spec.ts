import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  ACCEPTED,
  aLab,
  aRecord,
  aWish,
  adoptWish,
  after,
  entry,
  progress,
  stopWish,
} from '../../test/gen/observed.js';
import { later, seconds } from '../common/units.js';
import { additions, firstEntry, isTold, nextDetailsAt, storyOf, untold } from './lab.ledger.js';
import type { Telling } from './lab.ledger.js';
import { wireEntry } from '../common/record.js';

const FIRST = firstEntry(aWish());
const telling = (message: string, changes: Partial<Telling> = {}): Telling => ({
  reason: 'detail',
  message,
  ...changes,
});
const failed: Telling = { reason: 'spawn_failed', event: 'failed', message: 'Lab spawn failed' };

const anyTelling: fc.Arbitrary<Telling> = fc.record(
  {
    reason: fc.constantFrom('one', 'two', 'three'),
    message: fc.string({ unit: 'binary', maxLength: 900 }),
    event: fc.constantFrom('info' as const, 'error' as const),
    evidence: fc.string({ unit: 'grapheme', maxLength: 900 }),
    lastWords: fc.boolean(),
    remedy: fc.string({ maxLength: 900 }),
    progress: fc.constantFrom('relay' as const, 2, 12, 30, 90, undefined),
  },
  { requiredKeys: ['reason', 'message'] },
);

describe('the first entry', () => {
  it.each([
    ['a spawn', aWish(), 'Starting lab creation for rachel', 1],
    ['a stop', stopWish(), 'Shutting down Kubernetes pod', 25],
    ['an adoption', adoptWish(), 'Monitoring in-progress lab creation for rachel', 1],
  ])('of %s follows from the wish alone', (_name, wish, message, reached) => {
    const first = firstEntry(wish);

    expect(first).toMatchObject({
      number: 1,
      event: 'info',
      message,
      progress: reached,
      at: wish.operation.acceptedAt,
    });
  });
});

describe('the story', () => {
  it('holds what is stored of the current operation', () => {
    const lab = aLab({ record: aRecord({ operation: progress({ last: 2 }), ledger: [entry(2)] }) });

    expect(storyOf(lab)).toEqual([FIRST, entry(2)]);
  });

  it('tells nothing of the operation before', () => {
    const record = aRecord({ operation: progress({ id: 'anotheraaa', last: 2 }), ledger: [entry(2)] });

    expect(storyOf(aLab({ record }))).toEqual([FIRST]);
  });
});

describe('additions', () => {
  it('gives pod events the progress of the contract', () => {
    const told = [
      telling('objects', { progress: 30 }),
      ...'abcdef'.split('').map((m) => telling(m, { progress: 'relay' })),
    ];

    const added = additions([FIRST], told, after(1));

    expect(added.map((one) => one.progress)).toEqual([30, 35, 48, 57, 63, 67, 69]);
  });

  it('leaves out what is told already', () => {
    const story = [FIRST, entry(2, { message: 'pulling' })];

    const added = additions(story, [telling('pulling'), telling('pulled'), telling('pulled')], after(1));

    expect(added.map((one) => [one.number, one.message])).toEqual([[3, 'pulled']]);
  });

  it('says in entry 56 that details stop, and keeps the rest for the end', () => {
    const many = Array.from({ length: 100 }, (_, index) => telling(`event ${index}`));

    const added = additions(
      [FIRST],
      [...many, { ...failed, reason: 'cause', event: 'error' }, failed],
      after(1),
    );

    expect(added.map((one) => one.number)).toEqual(Array.from({ length: 57 }, (_, index) => index + 2));
    expect(added.find((one) => one.number === 56)?.reason).toBe('details_stop');
    expect(added.slice(-2).map((one) => one.event)).toEqual(['error', 'failed']);
  });

  it('has nothing left to tell once details have stopped', () => {
    const many = Array.from({ length: 100 }, (_, index) => telling(`event ${index}`));
    const story = [FIRST, ...additions([FIRST], many, after(1))];

    expect(untold(story, [telling('one more')])).toEqual([]);
    expect(untold(story, [failed])).toEqual([failed]);
  });

  it('never grows beyond its places and bytes, and numbers without a gap', () => {
    fc.assert(
      fc.property(fc.array(anyTelling, { maxLength: 90 }), (tellings) => {
        const story = [FIRST, ...additions([FIRST], [...tellings, failed], after(1))];

        expect(story.map((one) => one.number)).toEqual(story.map((_, index) => index + 1));
        expect(story.length).toBeLessThanOrEqual(64);
        for (const one of story.slice(1)) {
          expect(Buffer.byteLength(JSON.stringify(wireEntry(one)))).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the beginning of an explanation and the end of last words', () => {
    const evidence = `first ${'words '.repeat(150)}last`;
    const added = additions(
      [FIRST],
      [telling('explained', { evidence }), telling('crashed', { evidence, lastWords: true })],
      after(1),
    );

    expect(added.map((one) => one.evidence)).toEqual([
      expect.stringMatching(/^first words.*…$/),
      expect.stringMatching(/^….*words last$/),
    ]);
    expect(added[1]).not.toHaveProperty('lastWords');
  });

  it('never goes back in what it says of how far it is', () => {
    fc.assert(
      fc.property(fc.array(anyTelling, { maxLength: 70 }), (tellings) => {
        const told = [FIRST, ...additions([FIRST], tellings, ACCEPTED)].flatMap(
          ({ progress: far }) => far ?? [],
        );

        expect(told).toEqual([...told].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('tells the same story in one write or in many', () => {
    fc.assert(
      fc.property(fc.array(anyTelling, { maxLength: 70 }), fc.nat(70), (tellings, cut) => {
        const once = additions([FIRST], tellings, ACCEPTED);

        const early = additions([FIRST], tellings.slice(0, cut), ACCEPTED);
        const rest = additions([FIRST, ...early], tellings.slice(cut), ACCEPTED);

        expect([...early, ...rest]).toEqual(once);
      }),
      { numRuns: 60 },
    );
  });

  it('is idempotent: telling again adds nothing', () => {
    fc.assert(
      fc.property(fc.array(anyTelling, { maxLength: 40 }), (tellings) => {
        const story = [FIRST, ...additions([FIRST], tellings, ACCEPTED)];

        expect(additions(story, tellings, ACCEPTED)).toEqual([]);
        expect(untold(story, tellings)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('cuts a long text alike at every number', () => {
    const long = 'x'.repeat(2000);
    const early = additions([FIRST], [telling(long)], ACCEPTED);
    const many = Array.from({ length: 20 }, (_, index) => telling(`event ${index}`));

    const late = additions([FIRST, ...additions([FIRST], many, ACCEPTED)], [telling(long)], ACCEPTED);

    expect(late[0]?.message).toBe(early[0]?.message);
  });

  it('knows what reason was told', () => {
    expect(isTold([FIRST], 'spawn_accepted')).toBe(true);
    expect(isTold([FIRST], 'objects_created')).toBe(false);
  });
});

describe('the pace of details', () => {
  it('never writes more than seven times in the first minute, whatever happens', () => {
    const written = simulate(60);

    expect(written).toHaveLength(7);
    for (const [index, at] of written.slice(1).entries())
      expect(at - (written[index] ?? 0)).toBeGreaterThanOrEqual(1);
  });

  it('writes at most once in 30 seconds after the first minute', () => {
    const late = simulate(600).filter((at) => at >= 60);

    expect(late.length).toBeLessThanOrEqual(19);
    for (const [index, at] of late.slice(1).entries())
      expect(at - (late[index] ?? 0)).toBeGreaterThanOrEqual(30);
  });

  /** Seconds at which a lab with news at every tenth of a second is written. */
  function simulate(span: number): number[] {
    const written: number[] = [];
    for (let tenth = 0; tenth < span * 10; tenth += 1) {
      const now = later(ACCEPTED, seconds(tenth / 10));
      const last = written.at(-1);
      const lastAt = last === undefined ? undefined : later(ACCEPTED, seconds(last));
      if (now >= nextDetailsAt(ACCEPTED, { writes: written.length, lastAt }, now)) written.push(tenth / 10);
    }
    return written;
  }
});

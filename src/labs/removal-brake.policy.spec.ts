import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { instant, later, seconds } from '../common/units.js';
import type { Notes } from '../kubernetes/index.js';
import {
  REMOVALS,
  RESUME,
  STOPPED,
  stopOf,
  withRemoval,
  withResumption,
  withStop,
} from './removal-brake.policy.js';

const NOW = instant(Date.UTC(2026, 0, 2, 3, 4, 5));
const at = (minutes: number) => later(NOW, seconds(minutes * 60));
const RIVAL = { reason: 'another_controller_active', evidence: 'a namespace', since: 'now' } as const;

const revised = (notes: Notes, revision: Readonly<Record<string, string | undefined>>): Notes =>
  Object.fromEntries(
    Object.entries({ ...notes, ...revision }).filter((one): one is [string, string] => one[1] !== undefined),
  );
const removed = (notes: Notes, total = 0, minutes = 0): Notes =>
  revised(notes, withRemoval(notes, total, at(minutes)));
const after = (removals: number, total = 0): Notes =>
  Array.from({ length: removals }).reduce<Notes>((notes) => removed(notes, total), {});

describe('the brake of removals', () => {
  it.each([
    [0, 10],
    [200, 10],
    [240, 12],
    [3000, 150],
  ])('permits, among %i labs, %i within an hour and stops at the next', (total, most) => {
    expect(stopOf(after(most, total))).toBeUndefined();
    expect(stopOf(after(most + 1, total))).toEqual({
      reason: 'too_many_removals',
      evidence: `${most} removals that nobody asked for within an hour, among ${total} labs`,
      since: '2026-01-02T03:04:05.000Z',
    });
  });

  it('forgets removals after an hour', () => {
    const full = after(10);

    expect(stopOf(removed(full, 0, 59))).toBeDefined();
    expect(stopOf(removed(full, 0, 62))).toBeUndefined();
  });

  it('stays stopped however long it takes', () => {
    const stopped = after(11);

    expect(removed(stopped, 0, 10_000)).toEqual(stopped);
    expect(stopOf(stopped)).toBeDefined();
  });

  it('goes on after an operator’s word, and counts from nothing', () => {
    const resumed = revised(after(11), withResumption(at(1)));

    expect(stopOf(resumed)).toBeUndefined();
    const first = removed(resumed, 0, 1);
    expect(first).toEqual({ [REMOVALS]: '{"2026-01-02T03:05":1}' });
    const nine = Array.from({ length: 9 }).reduce<Notes>((notes) => removed(notes, 0, 1), first);
    expect(stopOf(nine)).toBeUndefined();
    expect(stopOf(removed(nine, 0, 1))).toBeDefined();
  });

  it('stops for another controller, and keeps the first reason until an operator has looked', () => {
    const stopped = revised({}, withStop({}, RIVAL));

    expect(stopOf(stopped)).toEqual(RIVAL);
    expect(withStop(after(11), RIVAL)).toEqual({});
    const resumed = revised(stopped, withResumption(at(1)));
    expect(stopOf(revised(resumed, withStop(resumed, RIVAL)))).toEqual(RIVAL);
  });

  it.each(['', 'yes', '[]', '{"reason":"odd"}', 'null'])('takes %j for a stop too', (written) => {
    expect(stopOf({ [STOPPED]: written })?.reason).toBe('too_many_removals');
    expect(stopOf({ [STOPPED]: written, [RESUME]: 'now' })).toBeUndefined();
  });

  it('never permits more than its limit in any hour, nor fails on what others wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90), { maxLength: 60 }), fc.string(), (pauses, odd) => {
        let [notes, minute]: [Notes, number] = [{ [REMOVALS]: odd }, 0];
        const made: number[] = [];
        for (const pause of pauses) {
          minute += pause / 10;
          notes = removed(notes, 0, minute);
          if (!stopOf(notes)) made.push(minute);
        }
        for (const one of made) {
          expect(made.filter((other) => other >= one && other < one + 60).length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareRanks, WaitingKeys } from './waiting-keys.js';
import type { Rank } from './waiting-keys.js';

interface Known {
  readonly due: number;
  readonly turn: number;
}

/** The same, by looking at everybody each time. */
class PlainWaiting {
  readonly known = new Map<string, Known>();
  private readonly rests = new Map<string, number>();
  private turns = 0;

  constructor(private readonly ranks: ReadonlyMap<string, Rank>) {}

  add(key: string, mark: number): void {
    const known = this.known.get(key);
    const due = Math.max(mark, this.rests.get(key) ?? 0);
    const turn = known?.turn ?? ++this.turns;
    this.known.set(key, { due: Math.min(due, known?.due ?? due), turn });
  }

  rest(key: string, until: number): void {
    const known = this.known.get(key);
    this.rests.set(key, until);
    if (known) this.known.set(key, { ...known, due: Math.max(known.due, until) });
  }

  take(now: number, busy: ReadonlySet<string>, isAdmitted: (key: string) => boolean): string | undefined {
    const due = Array.from(this.known).filter(([key, { due: at }]) => at <= now && !busy.has(key));
    due.sort(
      ([a, x], [b, y]) => compareRanks(this.rank(a), this.rank(b)) || x.due - y.due || x.turn - y.turn,
    );
    const key = due[0]?.[0];
    if (key === undefined || !isAdmitted(key)) return undefined;
    this.known.delete(key);
    this.rests.delete(key);
    return key;
  }

  private rank(key: string): Rank {
    return this.ranks.get(key) ?? [0];
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, after: fc.constantFrom(0, 0, 5, 500) }),
  fc.record({ do: fc.constant('rank' as const), key, rank: fc.nat(2) }),
  fc.record({ do: fc.constant('rest' as const), key, span: fc.constantFrom(5, 50) }),
  fc.record({ do: fc.constant('take' as const), later: fc.nat(10), isFull: fc.boolean() }),
  fc.record({ do: fc.constant('free' as const), key }),
);

describe('WaitingKeys', () => {
  it('takes the same as a look at everybody would, whatever is added, ranked anew, rested, busy, freed and shut out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const ranks = new Map<string, Rank>();
        const plain = new PlainWaiting(ranks);
        const waiting = new WaitingKeys<string>((name) => ranks.get(name) ?? [0]);
        const busy = new Set<string>();
        let now = 0;
        for (const one of steps) {
          if (one.do === 'add') {
            for (const each of [plain, waiting]) each.add(one.key, now + one.after);
          } else if (one.do === 'rank') {
            // Whatever changes a rank marks the key.
            ranks.set(one.key, [one.rank]);
            for (const each of [plain, waiting]) each.add(one.key, now);
          } else if (one.do === 'rest') {
            for (const each of [plain, waiting]) each.rest(one.key, now + one.span);
          } else if (one.do === 'free') {
            busy.delete(one.key);
            waiting.freed(one.key);
          } else {
            now += one.later;
            const isAdmitted = (name: string): boolean => !one.isFull || name < 'd';
            const taken = waiting.take(now, { isBusy: (name) => busy.has(name), isAdmitted });
            expect(taken).toBe(plain.take(now, busy, isAdmitted));
            if (taken !== undefined) busy.add(taken);
          }
          expect(waiting.size).toBe(plain.known.size);
        }
      }),
    );
  });

  it('tells when the next is due', () => {
    const waiting = new WaitingKeys<string>(() => []);
    waiting.add('late', 500);
    waiting.add('early', 300);
    expect(waiting.nextDue()).toBe(300);

    waiting.add('early', 0);
    expect(waiting.take(0, { isBusy: () => false, isAdmitted: () => true })).toBe('early');

    expect(waiting.nextDue()).toBe(500);
    expect(waiting.countDue(500)).toBe(1);
  });
});

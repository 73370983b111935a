import { Heap } from './heap.js';

/** Who goes first: compared place by place, smaller first. Ranks of one queue are alike in length and kinds. */
export type Rank = readonly (number | string)[];

interface Entry<Key extends string> {
  readonly key: Key;
  readonly due: number;
  readonly turn: number;
  rank: Rank;
}

/** Who may be taken out just now. */
export interface Gate<Key extends string> {
  readonly isBusy: (key: Key) => boolean;
  readonly isAdmitted: (key: Key) => boolean;
}

/** Outdated entries that a heap may hold besides the current ones before they are cleared out. */
const MOST_OUTDATED = 64;

/**
 * Keys that wait to be run, each with the time at which it is due. With a thousand of them, taking the next costs a
 * handful of comparisons, not a look at each.
 */
export class WaitingKeys<Key extends string> {
  /** The current entry of each key; others in the heaps are outdated and passed over. */
  private readonly entries = new Map<Key, Entry<Key>>();
  private readonly later = new Heap<Entry<Key>>((a, b) => isEarlier(a, b));
  private readonly ready = new Heap<Entry<Key>>((a, b) => {
    const ranked = compareRanks(a.rank, b.rank);
    return ranked === 0 ? isEarlier(a, b) : ranked < 0;
  });
  private readonly rests = new Map<Key, number>();
  private turns = 0;

  constructor(private readonly rankOf: (key: Key) => Rank) {}

  get size(): number {
    return this.entries.size;
  }

  countDue(now: number): number {
    let due = 0;
    for (const entry of this.entries.values()) if (entry.due <= now) due += 1;
    return due;
  }

  /** Whoever waits already keeps the earlier time, and is ranked anew; none is due before its rest is over. */
  add(key: Key, mark: number): void {
    const known = this.entries.get(key);
    const due = Math.max(mark, this.rests.get(key) ?? mark);
    const rank = this.rankOf(key);
    if (known && known.due <= due && compareRanks(known.rank, rank) === 0) return;
    const turn = known?.turn ?? ++this.turns;
    this.enter({ key, due: Math.min(due, known?.due ?? due), turn, rank });
  }

  /** It is not taken before `until`, whenever it was or will be marked for. */
  rest(key: Key, until: number): void {
    this.rests.set(key, until);
    const known = this.entries.get(key);
    if (known && known.due < until) this.enter({ ...known, due: until });
  }

  /**
   * Takes out the first by rank of those that are due and not busy, if it is admitted; one that is not lets nobody
   * pass. A busy one is not seen again before `freed`.
   */
  take(now: number, { isBusy, isAdmitted }: Gate<Key>): Key | undefined {
    this.ripen(now);
    for (let entry = this.ready.pop(); entry; entry = this.ready.pop()) {
      if (!this.isCurrent(entry) || isBusy(entry.key)) continue;
      if (!isAdmitted(entry.key)) {
        this.ready.push(entry);
        return undefined;
      }
      this.entries.delete(entry.key);
      this.rests.delete(entry.key);
      return entry.key;
    }
    return undefined;
  }

  /** The key is not busy any more. */
  freed(key: Key): void {
    const known = this.entries.get(key);
    if (known) this.enter({ ...known });
  }

  /** When the first of those not yet due will be. */
  nextDue(): number | undefined {
    for (let entry = this.later.peek(); entry; entry = this.later.peek()) {
      if (this.isCurrent(entry)) return entry.due;
      this.later.pop();
    }
    return undefined;
  }

  clear(): void {
    this.entries.clear();
  }

  private enter(entry: Entry<Key>): void {
    this.entries.set(entry.key, entry);
    this.later.push(entry);
    for (const heap of [this.later, this.ready]) {
      if (heap.size > 2 * this.entries.size + MOST_OUTDATED) heap.keep((one) => this.isCurrent(one));
    }
  }

  private ripen(now: number): void {
    for (let due = this.nextDue(); due !== undefined && due <= now; due = this.nextDue()) {
      const entry = this.later.pop();
      if (!entry) return;
      entry.rank = this.rankOf(entry.key);
      this.ready.push(entry);
    }
  }

  private isCurrent(entry: Entry<Key>): boolean {
    return this.entries.get(entry.key) === entry;
  }
}

const isEarlier = (a: Entry<string>, b: Entry<string>): boolean =>
  a.due === b.due ? a.turn < b.turn : a.due < b.due;

/** Negative if `a` goes first. */
export function compareRanks(a: Rank, b: Rank): number {
  for (let place = 0; place < a.length; place += 1) {
    const [x = 0, y = 0] = [a[place], b[place]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

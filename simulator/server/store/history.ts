import type { Change } from './entry.js';

/** The last changes of one resource: what a watch can still replay. Bounded, so memory is too. */
export class History {
  private ring: Change[] = [];
  private start = 0;
  private forgottenRevision: number;

  constructor(
    private readonly size: number,
    bornAt: number,
  ) {
    this.forgottenRevision = bornAt;
  }

  /** A watch from this revision or a later one misses nothing. */
  get oldestRevision(): number {
    return this.forgottenRevision;
  }

  push(change: Change): void {
    this.ring.push(change);
    if (this.ring.length - this.start > this.size) this.forget();
  }

  /** Everything after the revision, in order. */
  since(revision: number): Change[] {
    let low = this.start;
    let high = this.ring.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ring[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.ring.slice(low);
  }

  /** Forgets what is not newer than the revision, as compaction does. */
  compact(revision: number): void {
    this.ring = this.since(revision);
    this.start = 0;
    this.forgottenRevision = Math.max(this.forgottenRevision, revision);
  }

  private forget(): void {
    this.forgottenRevision = this.ring[this.start]?.revision ?? this.forgottenRevision;
    this.start++;
    if (this.start < this.size) return;
    this.ring = this.ring.slice(this.start);
    this.start = 0;
  }
}

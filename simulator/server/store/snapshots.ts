import type { Entry } from './entry.js';

const KEEP = 64;

interface Snapshot {
  readonly entries: readonly Entry[];
  readonly madeAtMs: number;
}

/**
 * What chunked lists still need: a list that began at a revision goes on at that revision. Entries never change, so
 * a snapshot is only an array of references. Five minutes old, or pushed out by newer ones, it is gone (410).
 */
export class Snapshots {
  private readonly kept = new Map<string, Snapshot>();

  constructor(
    private readonly now: () => number,
    private readonly lifetimeMs = 300_000,
  ) {}

  keep(key: string, entries: readonly Entry[]): void {
    if (this.kept.has(key)) return;
    this.kept.set(key, { entries, madeAtMs: this.now() });
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEEP && oldest !== undefined) this.kept.delete(oldest);
  }

  find(key: string): readonly Entry[] | undefined {
    const found = this.kept.get(key);
    if (!found) return undefined;
    if (this.now() - found.madeAtMs <= this.lifetimeMs) return found.entries;
    this.kept.delete(key);
    return undefined;
  }

  clear(): void {
    this.kept.clear();
  }
}

import { Clock } from '../../src/common/clock.js';
import type { Instant, Millis } from '../../src/common/units.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that moves only when a spec says so. Wall time and monotonic time move together unless told otherwise. */
export class FakeClock extends Clock {
  private readonly timers = new Map<number, Timer>();
  private elapsed = 0;
  private wallOffset: number;
  private lastId = 0;

  constructor(start = Date.UTC(2026, 0, 1)) {
    super();
    this.wallOffset = start;
  }

  now(): Instant {
    return (this.wallOffset + this.elapsed) as Instant;
  }

  monotonic(): Millis {
    return this.elapsed as Millis;
  }

  after(delay: Millis, callback: () => void): () => void {
    const id = ++this.lastId;
    this.timers.set(id, { at: this.elapsed + Math.max(0, delay), callback });
    return () => {
      this.timers.delete(id);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  /** Time until the earliest timer; undefined when none waits. */
  get untilNext(): Millis | undefined {
    const next = this.earliest();
    return next && (Math.max(0, next[1].at - this.elapsed) as Millis);
  }

  /** Somebody set the machine's clock: wall time jumps, monotonic time does not. */
  jumpWall(by: number): void {
    this.wallOffset += by;
  }

  /** Moves time on, firing due timers in order and letting promises settle after each. */
  async advance(span: number): Promise<void> {
    const end = this.elapsed + span;
    await settlePromises();
    for (let next = this.earliest(); next && next[1].at <= end; next = this.earliest()) {
      this.timers.delete(next[0]);
      this.elapsed = Math.max(this.elapsed, next[1].at);
      next[1].callback();
      await settlePromises();
    }
    this.elapsed = end;
  }

  private earliest(): [number, Timer] | undefined {
    let best: [number, Timer] | undefined;
    for (const entry of this.timers) if (!best || entry[1].at < best[1].at) best = entry;
    return best;
  }
}

/** Lets everything that waits on settled promises run. Sockets need `until` instead. */
const settlePromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

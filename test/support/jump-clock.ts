import { Clock } from '../../src/common/clock.js';
import type { Instant, Millis } from '../../src/common/units.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** A clock that runs like the machine's until a spec lets time pass at once: patience ends when the stage is set, not before. */
export class JumpClock extends Clock {
  private readonly timers = new Set<Timer>();
  private readonly zero = performance.now();
  private readonly began = Date.now();
  private jumped = 0;

  now(): Instant {
    return Math.floor(this.began + this.monotonic()) as Instant;
  }

  monotonic(): Millis {
    return (performance.now() - this.zero + this.jumped) as Millis;
  }

  after(delay: Millis, callback: () => void): () => void {
    const timer: Timer = { at: this.monotonic() + delay, callback, handle: undefined };
    this.timers.add(timer);
    this.arm(timer);
    return () => {
      clearTimeout(timer.handle);
      this.timers.delete(timer);
    };
  }

  /** Lets so much time pass at once; what was due meanwhile happens on the next turn of the event loop. */
  jump(by: number): void {
    this.jumped += by;
    for (const timer of this.timers) {
      clearTimeout(timer.handle);
      this.arm(timer);
    }
  }

  /** The same, in the shape in which `passUntil` asks for it. */
  advance(span: number): Promise<void> {
    this.jump(span);
    return Promise.resolve();
  }

  private arm(timer: Timer): void {
    const run = (): void => {
      this.timers.delete(timer);
      timer.callback();
    };
    timer.handle = setTimeout(run, Math.max(0, timer.at - this.monotonic()));
  }
}

/** A lease that no jump of a spec outlasts. */
export const JUMP_LEASE = {
  duration: (72 * 3_600_000) as Millis,
  renewDeadline: (48 * 3_600_000) as Millis,
  renewEvery: (24 * 3_600_000) as Millis,
  lookEvery: 100 as Millis,
};

import { Clock } from '../../src/common/clock.js';
import type { Instant, Millis } from '../../src/common/units.js';

/** A clock that runs faster than the machine's, so that minutes of patience are over in seconds. */
export class QuickClock extends Clock {
  private readonly began = Date.now();
  private readonly zero = performance.now();

  constructor(readonly factor: number) {
    super();
  }

  now(): Instant {
    return Math.floor(this.began + this.monotonic()) as Instant;
  }

  monotonic(): Millis {
    return ((performance.now() - this.zero) * this.factor) as Millis;
  }

  after(delay: Millis, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.ceil(delay / this.factor));
    return () => {
      clearTimeout(timer);
    };
  }
}

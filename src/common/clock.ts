import { onAbort } from './aborting.js';
import { millis, seconds } from './units.js';
import type { Instant, Millis } from './units.js';

/** The only source of time. Injected everywhere, so that specs own the clock. */
export abstract class Clock {
  /** Wall-clock time. Compare it only with the API server's timestamps, never to measure a span. */
  abstract now(): Instant;

  /** A clock that never jumps; its zero is arbitrary. Measure spans with it. */
  abstract monotonic(): Millis;

  /** Calls back once after `delay`; the returned function cancels. Does not keep the process alive by itself. */
  abstract after(delay: Millis, callback: () => void): () => void;

  /** Resolves after `delay`, or at once when the signal is aborted. Never rejects. */
  sleep(delay: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        stay?.();
        resolve();
      };
      const cancel = this.after(delay, done);
      const stay = signal && onAbort(signal, done);
    });
  }
}

/** Node takes a timer of more milliseconds for one of a single millisecond: some 24.8 days. */
const LONGEST_TIMER = millis(2 ** 31 - 1);
const SHORTEST_INTERVAL = seconds(1);

/** `span` for `setInterval`: an interval of nothing must not become a flood, nor one of months overflow Node's timers. */
export const intervalOf = (span: Millis): Millis =>
  millis(Math.min(Math.max(span, SHORTEST_INTERVAL), LONGEST_TIMER));

/** The machine's clock. */
export class SystemClock extends Clock {
  now(): Instant {
    return Date.now() as Instant;
  }

  monotonic(): Millis {
    return performance.now() as Millis;
  }

  after(delay: Millis, callback: () => void): () => void {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      if (left > LONGEST_TIMER) timer = setTimeout(() => arm(left - LONGEST_TIMER), LONGEST_TIMER);
      else timer = setTimeout(callback, left);
    };
    arm(delay);
    return () => {
      clearTimeout(timer);
    };
  }
}

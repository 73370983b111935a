import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { millis } from '../../common/units.js';
import type { Millis } from '../../common/units.js';
import { QUIET_BEFORE_CLOSE } from '../limits.js';

/**
 * Who waits for an answer of this process, and what happens to them when it ends: they are served until the drain
 * time is over; then streams end cleanly and other requests are answered 503.
 */
@Injectable()
export class Requests {
  private open = 0;
  private entered = 0;
  private changed: () => void = () => undefined;
  private readonly cutting = new AbortController();
  private draining = false;

  constructor(private readonly clock: Clock) {}

  /** Aborted when the drain time is over. */
  get cut(): AbortSignal {
    return this.cutting.signal;
  }

  /** From now on answers ask callers to come back on another connection. */
  get closing(): boolean {
    return this.draining;
  }

  get waiting(): number {
    return this.open;
  }

  /** Counts one request until the returned function is called. */
  enter(): () => void {
    this.open += 1;
    this.entered += 1;
    this.changed();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.open -= 1;
      this.changed();
    };
  }

  /**
   * Resolves when nobody has waited for a moment, or, after `limit` or when waiting is `hopeless`, and the cut that
   * follows, at once.
   * The moment is for callers whose next step follows on an answer, as `events` follows on `create`.
   */
  async drain(limit: Millis, hopeless: AbortSignal): Promise<void> {
    this.draining = true;
    hopeless.addEventListener('abort', () => this.changed(), { once: true });
    if (await this.emptied(limit, hopeless)) return;
    this.cutting.abort();
    await this.emptied(QUIET_BEFORE_CLOSE);
  }

  private async emptied(within: Millis, hopeless?: AbortSignal): Promise<boolean> {
    const end = this.clock.monotonic() + within;
    for (;;) {
      const left = millis(end - this.clock.monotonic());
      if (left <= 0 || hopeless?.aborted) return false;
      if (this.open > 0) await this.nextChange(left);
      else if (await this.staysQuiet()) return true;
    }
  }

  private async staysQuiet(): Promise<boolean> {
    const before = this.entered;
    await this.nextChange(QUIET_BEFORE_CLOSE);
    return this.entered === before;
  }

  private nextChange(longest: Millis): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(longest, () => resolve());
      this.changed = () => {
        cancel();
        resolve();
      };
    });
  }
}

import type { Clock } from '../../common/clock.js';
import { millis } from '../../common/units.js';
import type { Millis } from '../../common/units.js';

/** One who must not be silent for long. */
export interface Speaker {
  /** Says something that means nothing, if that is possible now. */
  remind(): void;
}

/** At most so many are reminded in a row, each a write on a socket; the others after the least pause. */
const AT_ONCE = 100;
const LEAST_PAUSE = millis(10);

/** Reminds whoever has been silent for `pause`, with one timer for all: thousands of streams are silent together. */
export class KeepAlives {
  /** When each has spoken last; the order is that of their words, so that the first is due first. */
  private readonly spoken = new Map<Speaker, Millis>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly pause: Millis,
  ) {}

  /** Has just said something. */
  spoke(speaker: Speaker): void {
    this.spoken.delete(speaker);
    this.spoken.set(speaker, this.clock.monotonic());
    this.wait();
  }

  /** Speaks no more. */
  forget(speaker: Speaker): void {
    this.spoken.delete(speaker);
    if (this.spoken.size > 0) return;
    this.stop?.();
    this.stop = undefined;
  }

  private wait(): void {
    if (this.stop !== undefined) return;
    const [first] = this.spoken.values();
    if (first === undefined) return;
    const left = first + this.pause - this.clock.monotonic();
    this.stop = this.clock.after(millis(Math.max(LEAST_PAUSE, left)), () => {
      this.stop = undefined;
      this.remind();
      this.wait();
    });
  }

  private remind(): void {
    const silentSince = this.clock.monotonic() - this.pause;
    let left = AT_ONCE;
    for (const [speaker, at] of this.spoken) {
      if (at > silentSince || left === 0) return;
      left -= 1;
      this.spoke(speaker);
      speaker.remind();
    }
  }
}

import type { Clock } from '../common/clock.js';
import { DeadlineExceeded } from '../common/deadline.js';
import type { Millis } from '../common/units.js';

/** A connection that says nothing for too long is dead, whatever TCP believes: aborts its signal. */
export class Watchdog {
  private readonly controller = new AbortController();
  private readonly onParent = (): void => this.controller.abort(this.parent.reason);
  private heardAt: number;
  private cancel: () => void;
  private met: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly span: Millis,
    private readonly parent: AbortSignal,
  ) {
    this.heardAt = clock.monotonic();
    this.cancel = clock.after(span, () => this.look());
    if (parent.aborted) this.onParent();
    else parent.addEventListener('abort', this.onParent, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Passes the chunks on, each a sign of life. */
  async *listen(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.heardAt = this.clock.monotonic();
      yield chunk;
    }
  }

  /** Aborts as well if the function that it returns is not called within `span`, however much is heard. */
  demand(span: Millis): () => void {
    this.met = this.clock.after(span, () => this.controller.abort(new DeadlineExceeded()));
    return this.met;
  }

  /** The use is over: ends the connection if it still stands, and lets go of timers and parent. */
  stop(): void {
    this.cancel();
    this.met();
    this.parent.removeEventListener('abort', this.onParent);
    this.controller.abort();
  }

  private look(): void {
    // Whole milliseconds: a rest too small for the clock to tell would be waited for again and again.
    const left = Math.floor(this.span - (this.clock.monotonic() - this.heardAt));
    if (left <= 0) this.controller.abort(new Error(`silent for ${this.span} ms`));
    else this.cancel = this.clock.after(left as Millis, () => this.look());
  }
}

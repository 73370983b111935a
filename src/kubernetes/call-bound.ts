import { onAbort } from '../common/aborting.js';
import type { Clock } from '../common/clock.js';
import { DeadlineExceeded } from '../common/deadline.js';
import type { Millis } from '../common/units.js';

/** What may end a wait early. */
export interface Bound {
  /** Why it is over; undefined while it is not. */
  readonly reason: Error | undefined;
  /** Calls back when it is over, in place of whoever asked before: a call waits for one thing at a time. */
  onEnd(callback: ((reason: Error) => void) | undefined): void;
}

/**
 * Bounds one call by its time and by the signal of whoever asked. An `AbortController` would do the same with several
 * listeners for each of a call's steps, and cost more than the rest of a small request.
 */
export class CallBound implements Bound {
  private over: Error | undefined;
  private callback: ((reason: Error) => void) | undefined;
  private readonly cancel: (() => void) | undefined;
  private readonly leave: (() => void) | undefined;

  constructor(clock: Clock, span: Millis | undefined, parent: AbortSignal | undefined) {
    this.leave = parent && onAbort(parent, () => this.end(asError(parent.reason)));
    this.cancel = span === undefined ? undefined : clock.after(span, () => this.end(new DeadlineExceeded()));
  }

  get reason(): Error | undefined {
    return this.over;
  }

  onEnd(callback: ((reason: Error) => void) | undefined): void {
    this.callback = callback;
  }

  /** Resolves after `delay`, or when the call is over. Never rejects. */
  sleep(clock: Clock, delay: Millis): Promise<void> {
    return new Promise((resolve) => {
      if (this.over) {
        resolve();
        return;
      }
      const cancel = clock.after(delay, resolve);
      this.onEnd(() => {
        cancel();
        resolve();
      });
    });
  }

  /** The call has ended: lets go of timer and parent. */
  release(): void {
    this.callback = undefined;
    this.cancel?.();
    this.leave?.();
  }

  private end(reason: Error): void {
    if (this.over) return;
    this.over = reason;
    this.callback?.(reason);
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted'));

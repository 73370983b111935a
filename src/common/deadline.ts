import { onAbort } from './aborting.js';
import type { Clock } from './clock.js';
import { seconds } from './units.js';
import type { Millis } from './units.js';

/** How long a request to the Kubernetes API may take that names no deadline of its own, repeats included. */
export const CALL_DEADLINE: Millis = seconds(10);

/**
 * The same for objects that the admission webhooks of others look at: more than the ten seconds that the API server
 * gives a webhook by default, so that its answer, which names the one that hangs, still finds us. The longest of all.
 */
export const ADMISSION_DEADLINE: Millis = seconds(11);

/** A signal that somebody must release, lest its timer and listener outlive their use. */
export interface BoundSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** Why a bound signal was aborted: time was up, nobody asked for it. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('the deadline passed');
    this.name = 'DeadlineExceeded';
  }
}

/** One budget of time that a chain of calls shares. Measured on the monotonic clock. */
export class Deadline {
  private readonly at: number;

  constructor(
    private readonly clock: Clock,
    span: Millis,
  ) {
    this.at = clock.monotonic() + span;
  }

  /** What is left, never negative. */
  remaining(): Millis {
    return Math.max(0, this.at - this.clock.monotonic()) as Millis;
  }

  get expired(): boolean {
    return this.remaining() === 0;
  }

  /** Aborts when `parent` does, with its reason, or when time is up, with `DeadlineExceeded`. */
  bind(parent?: AbortSignal): BoundSignal {
    const controller = new AbortController();
    const leave = parent && onAbort(parent, () => controller.abort(parent.reason));
    const cancel = this.clock.after(this.remaining(), () => controller.abort(new DeadlineExceeded()));
    return {
      signal: controller.signal,
      release: () => {
        cancel();
        leave?.();
      },
    };
  }
}

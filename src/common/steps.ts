import { Clock } from './clock.js';

/** Work in small steps: each `yield` is a place where others may have their turn. */
export type Steps<T> = Generator<undefined, T>;

/** Longest stretch without letting others in; well below the 20 ms that requests may wait. */
const TURN_MS = 4;

/** Does all the work in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the work in turns of some milliseconds, so that requests are answered meanwhile. */
export async function inTurns<T>(steps: Steps<T>, clock: Clock): Promise<T> {
  for (let since = clock.monotonic(); ;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (clock.monotonic() - since < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = clock.monotonic();
  }
}

import { Clock } from './clock.js';

/** Work in small steps: each `yield` is a place where others may have their turn. */
export type Steps<T> = Generator<undefined, T>;

/** Stretch without letting others in; several may meet in one turn, and requests should not wait for 10 ms. */
const TURN_MS = 2;

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

/**
 * Resolves as soon as `condition` holds; looks after every turn of the event loop and fails after `limitMs`, which a
 * busy machine must not reach: nothing but a defect should.
 */
export async function until(
  condition: () => boolean,
  what = 'the condition',
  limitMs = 30_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/**
 * Lets sockets of this process finish a round trip or two before a fake clock moves on. Counts turns of the event loop,
 * not time, so that a busy machine changes nothing.
 */
export async function letSocketsSpeak(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Lets fake time pass in steps, with pauses for sockets, until `condition` holds; fails after `steps`. */
export async function passUntil(
  clock: { advance(span: number): Promise<void> },
  stepMs: number,
  condition: () => boolean,
  steps = 200,
): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await letSocketsSpeak();
    if (condition()) return;
    await clock.advance(stepMs);
  }
  throw new Error(`did not come true in ${steps * stepMs} ms of the fake clock`);
}

/** Resolves as soon as `condition` holds; looks after every turn of the event loop and fails after `limitMs`. */
export async function until(
  condition: () => boolean,
  what = 'the condition',
  limitMs = 10_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

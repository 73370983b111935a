/** Who waits for a signal, which itself has one listener for them all. */
const crowds = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal is aborted, at once if it is already; the returned function takes that back.
 *
 * For signals that many share: Node's `addEventListener` and `removeEventListener` look at each listener there is, so that
 * with ten thousand open streams every request would pay for all of them.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  const crowd = crowds.get(signal) ?? gathered(signal);
  crowd.add(callback);
  return () => {
    crowd.delete(callback);
  };
}

function gathered(signal: AbortSignal): Set<() => void> {
  const crowd = new Set<() => void>();
  crowds.set(signal, crowd);
  signal.addEventListener('abort', () => crowd.forEach((callback) => callback()), { once: true });
  return crowd;
}

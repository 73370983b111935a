export { backoffDelay } from './backoff.js';
export { again, settled } from './outcome.js';
export type { Outcome, Reconciler } from './outcome.js';
export { KeyedQueue } from './keyed-queue.js';
export type { QueueStats, RunReport } from './keyed-queue.js';
export { currentRun } from './run-context.js';

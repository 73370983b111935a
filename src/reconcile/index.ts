export { backoffDelay } from './backoff.js';
export type { BackoffOptions } from './backoff.js';
export { again, settled, TerminalError } from './outcome.js';
export type { Outcome, Reconciler } from './outcome.js';
export { KeyedQueue } from './keyed-queue.js';
export type { QueueOptions, QueueStats, RunReport } from './keyed-queue.js';
export { currentRun } from './run-context.js';
export type { RunContext } from './run-context.js';

export { backoffDelay } from './backoff.js';
export { again, againAt, settled } from './outcome.js';
export type { Outcome, Reconciler } from './outcome.js';
export { KeyedQueue } from './keyed-queue.js';
export type { QueueStats, RunReport } from './keyed-queue.js';
export { LeaderLoop } from './leader-loop.js';
export type { Run } from './run.js';
export { compareRanks } from './waiting-keys.js';
export type { Rank } from './waiting-keys.js';

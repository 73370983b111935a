export { REASONS, failureOf, fatal, isReasonCode } from './cause.js';
export type { Cause } from './cause.js';
export { LOOP } from './container.policy.js';
export { disruptionOf, endOf, endedByItself, restartOf } from './end.policy.js';
export { explained } from './event.policy.js';
export { causesOf } from './pod.policy.js';
export { notYet, refused } from './refusal.policy.js';

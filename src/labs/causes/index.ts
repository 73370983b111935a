export { REASONS, cause, endsInLastWords, failureOf, fatal, isReasonCode, pullOf } from './cause.js';
export type { Cause, ReasonCode } from './cause.js';
export { COMING_PATIENCE, LOOP, fleetingHome, isForTheBeginning } from './container.policy.js';
export { disruptionOf, endOf, endedByItself, restartOf } from './end.policy.js';
export { explained } from './event.policy.js';
export { causesOf, silenced } from './pod.policy.js';
export { slowPull } from './pull.policy.js';
export { PullTimes } from './pull-times.js';
export { notRemoved, notYet, refused } from './refusal.policy.js';

import type { Instant } from '../common/units.js';
import { causesOf } from './causes/index.js';
import type { Cause } from './causes/index.js';
import type { Telling } from './lab.ledger.js';
import type { ObservedLab, ObservedPod } from './lab.observed.js';

/** The scheduler's words come as a condition of the pod, which we explain, and as an event. */
export const isSaidBetter = (detail: Telling, told: readonly Pick<Telling, 'evidence'>[]): boolean =>
  detail.remedy === undefined &&
  told.some(
    ({ evidence }) => evidence !== undefined && detail.message.startsWith(evidence.replace(/…$/, '')),
  );

/** What stands in the way of the pod. */
export const standing = (
  { lab, largestNode, remembered }: ObservedLab,
  pod: ObservedPod,
  now: Instant,
): readonly Cause[] =>
  causesOf(pod, now, {
    requests: lab.wish.resources.requests,
    largestNode,
    failedPulls: remembered.failedPulls,
  });

import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { REASONS, causesOf, slowPull } from './causes/index.js';
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
  { lab, largestNode, node, remembered }: ObservedLab,
  pod: ObservedPod,
  now: Instant,
): readonly Cause[] =>
  causesOf(pod, now, {
    requests: lab.wish.resources.requests,
    largestNode,
    node,
    setbacks: remembered.setbacks,
  });

/** When a pull is worth a word of its own. */
const SLOW = [60, 300].map(seconds);

/** The pull that goes on: the kubelet's last word about images was that it began one. */
const pullingSince = (details: readonly Telling[]): Instant | undefined => {
  const last = details.findLast(({ reason }) => ['pulling', 'pulled'].includes(reason) || reason in REASONS);
  return last?.reason === 'pulling' ? last.at : undefined;
};

/** A pull that takes long, in `details`: told at one minute and at five. */
export function slowness(details: readonly Telling[], now: Instant): readonly Telling[] {
  const since = pullingSince(details);
  return SLOW.filter((span) => since !== undefined && now >= later(since, span)).map(slowPull);
}

/** When {@link slowness} has something to add. */
export const slownessAt = (details: readonly Telling[]): readonly Instant[] => {
  const since = pullingSince(details);
  return since === undefined ? [] : SLOW.map((span) => later(since, span));
};

import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { REASONS, causesOf, isForTheBeginning, slowPull } from './causes/index.js';
import type { Cause, ReasonCode } from './causes/index.js';
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

/** What tells that whatever was in the way before is got over. */
const STEPS: ReadonlySet<string> = new Set(['scheduled', 'pulling', 'pulled', 'created', 'started']);

/** What a spawn whose time is over still waits for: what stands in its way, a step that goes on, or the last trouble heard of. */
export function waitedFor(
  seen: ObservedLab,
  pod: ObservedPod | undefined,
  details: readonly Telling[],
  now: Instant,
): Telling | undefined {
  const stands = pod && standing(seen, pod, now)[0]?.telling;
  return stands ?? slowness(details, now).at(-1) ?? (pod && unready(pod)) ?? lastTrouble(details);
}

/** It runs, without an error, and is not what it must be for the lab to be complete. */
function unready({ inits, notebook }: ObservedPod): Telling | undefined {
  const unending = inits.findLast(({ state, ready }) => state === 'running' && !ready);
  if (unending && notebook?.state === 'waiting') {
    const message = `Container ${unending.name}, which comes before the lab, is not done`;
    return { reason: 'init_container_failed', message, ...helpOf('init_container_failed') };
  }
  if (notebook?.state !== 'running' || notebook.ready) return undefined;
  const message = 'The lab runs, and does not answer at its port';
  return { reason: 'lab_crashed', message, ...helpOf('lab_crashed') };
}

const helpOf = (code: ReasonCode): Pick<Telling, 'remedy' | 'who'> => {
  const { remedy, who } = REASONS[code];
  return { remedy, who };
};

function lastTrouble(details: readonly Telling[]): Telling | undefined {
  const last = details.findLastIndex((one) => one.remedy !== undefined && !isForTheBeginning(one));
  const isGotOver = details.slice(last + 1).some(({ reason }) => STEPS.has(reason));
  return isGotOver ? undefined : details[last];
}

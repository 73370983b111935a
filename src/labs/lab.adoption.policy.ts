import { act } from '../common/decision.js';
import { later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { ReasonCode } from './causes/index.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import type { Decision } from './lab.decision.js';
import type { Lab } from './lab.js';
import { isOursToForget } from './lab.marks.js';
import type { LabStand, ObservedPod } from './lab.observed.js';
import { currentProgress } from './lab.phase.js';

const NAMESPACE_TAKEN = 'namespace_taken' satisfies ReasonCode;

/** A user's namespace without a lab that lives. */
export interface OrphanPlace {
  readonly namespace: NamespaceFacts;
  readonly pod: ObservedPod | undefined;
}

/** What becomes of it: a live notebook is never removed for want of a record (design section 2). */
export type OrphanDecision =
  | { readonly kind: 'leave'; readonly reason: string; readonly until?: Instant }
  | { readonly kind: 'adopt'; readonly reason: string }
  | { readonly kind: 'remove'; readonly reason: string };

export interface OrphanTerms {
  readonly instance: string;
  readonly spawnTimeout: Millis;
}

export function decideOrphan(
  { namespace, pod }: OrphanPlace,
  terms: OrphanTerms,
  now: Instant,
): OrphanDecision {
  const { instance, category, terminating, createdAt } = namespace;
  if (terminating) return { kind: 'leave', reason: 'namespace_terminating' };
  if (instance !== undefined && instance !== terms.instance)
    return { kind: 'leave', reason: 'another_instance' };
  if (instance === undefined && category !== 'lab') return { kind: 'leave', reason: 'not_ours' };
  if (isAlive(pod)) return { kind: 'adopt', reason: 'running_without_record' };
  // Remains of a Nublado controller: as a failed lab they can be seen, and removed by whoever asks for it.
  if (instance === undefined) {
    return pod ? { kind: 'adopt', reason: 'ended_without_record' } : { kind: 'leave', reason: 'incomplete' };
  }
  // A leader before us may still be writing.
  const until = later(createdAt, terms.spawnTimeout);
  if (now < until) return { kind: 'leave', reason: 'too_young', until };
  return { kind: 'remove', reason: 'remains_without_record' };
}

/** A container named `notebook` that runs, or may come to. */
const isAlive = (pod: ObservedPod | undefined): boolean => pod?.notebook !== undefined && !pod.over;

/** An adopted namespace gets our marks before anything else is decided about it. */
export function markAdopted({ lab, namespace }: LabStand): Decision | undefined {
  if (lab.wish.operation.kind !== 'adopt' || !namespace) return undefined;
  const unmarked = namespace.owner === 'nublado' || namespace.owner === 'remains';
  return unmarked ? act('adopted', { do: 'mark_namespace', uid: namespace.uid }) : undefined;
}

/**
 * A stop that comes before the marks: its own operation would not tell any more that the namespace is to be ours, and
 * would leave it and its pod behind.
 */
export const markBeforeStop = (seen: LabStand): Decision | undefined =>
  currentProgress(seen.lab) || seen.namespace?.terminating ? undefined : markAdopted(seen);

/**
 * An adoption of which nothing certain can be said yet: a stop would find a namespace that is not ours, and what runs is
 * known as running only once that is recorded.
 */
export function isBeingAdopted({ lab, namespace, pod }: LabStand): boolean {
  if (lab.wish.operation.kind !== 'adopt' || currentProgress(lab)) return false;
  return namespace?.owner !== 'this_operation' || pod?.notebook?.state === 'running';
}

/**
 * A Nublado controller's lab lives in the place of one that Berth had started: an operator went back to that controller
 * and has come again. A spawn that found its place taken has been told so, and is no lab of before.
 */
export function isOutlived({ lab, namespace, pod }: LabStand): boolean {
  if (namespace?.owner !== 'nublado' || namespace.terminating || !isAlive(pod)) return false;
  if (lab.beingDeleted && !isOursToForget(lab)) return false;
  return lab.wish.desiredState === 'stopped' || isOfBefore(lab);
}

function isOfBefore(lab: Lab): boolean {
  const progress = currentProgress(lab);
  const isTaken = lab.record.failure?.reason === NAMESPACE_TAKEN;
  return progress !== undefined && (progress.objectsCreated || (progress.ended !== null && !isTaken));
}

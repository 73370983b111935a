import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { act, firstOf, settled, wait } from '../common/decision.js';
import { PARTS, forcedMark } from './fileserver.decision.js';
import type { Decision, Part, Rule } from './fileserver.decision.js';
import { currentProgress } from './fileserver.js';
import type { ObservedServer } from './fileserver.observed.js';
import { TOLD } from './fileserver.story.js';

/** A node that is silent may be alive: its pods are forced away only this long after their grace (design section 5). */
export const SILENCE = seconds(30);
/** Watches tell of every step; this only covers one that was missed. */
const LOOK_AGAIN = seconds(30);
/** How long the record of a server that stopped is of use to anybody. */
export const RECORDS_KEPT = seconds(30 * 24 * 60 * 60);

/** How a server goes, whose wish is to be stopped. Pure. */
export function decideStop(seen: ObservedServer, now: Instant): Decision {
  // Somebody turned it around by kubectl, which makes no operation of its own.
  if (seen.server.wish.operation.kind !== 'stop') return act('stop_wished', { do: 'begin_stop' });
  return firstOf(STOP, seen, now) ?? settled('stopped');
}

/** Deletes a part, unless that was asked for. */
export function deleteOnce(seen: ObservedServer, part: Part): Decision | undefined {
  const found = seen[part];
  if (!found || found.deleting || seen.remembered.deletions.has(found.uid)) return undefined;
  return act(`${part}_in_the_way`, { do: 'delete_part', part, uid: found.uid });
}

/** Waits for a pod that is being deleted; forces it away if its node can't tell that it is gone. */
export function evict({ pod, node, remembered }: ObservedServer, now: Instant): Decision | undefined {
  if (pod?.deletingUntil === undefined) return undefined;
  if (node === undefined || node === 'ready') return wait('pod_going', later(now, LOOK_AGAIN));
  const patience = later(pod.deletingUntil, SILENCE);
  if (now < patience) return wait('pod_going_on_silent_node', patience);
  if (remembered.deletions.has(forcedMark(pod.uid))) return wait('pod_forced', later(now, LOOK_AGAIN));
  return act('pod_forced', { do: 'force_pod', pod: pod.name, uid: pod.uid });
}

const forget: Rule = ({ server }, now) => {
  const isOver = currentProgress(server)?.ended === 'succeeded';
  if (!isOver) return undefined;
  if (server.beingDeleted) return act('forget', { do: 'forget' });
  const isOld = now >= later(server.wish.operation.acceptedAt, RECORDS_KEPT);
  return isOld ? act('record_old', { do: 'erase' }) : settled('stopped');
};

const remove: Rule = (seen) => {
  for (const part of PARTS) {
    const found = seen[part];
    if (found?.owner === 'foreign') continue;
    const decision = deleteOnce(seen, part);
    if (decision) return decision;
  }
  return undefined;
};

const clear: Rule = ({ terms, remembered }) => {
  if (terms.hasClaims && !remembered.claimsCleared) return act('claims', { do: 'clear_claims' });
  return terms.hasKey && !remembered.keyCleared ? act('key', { do: 'clear_key' }) : undefined;
};

const going: Rule = (seen) => {
  const left = PARTS.filter((one) => seen[one] !== undefined && seen[one].owner !== 'foreign');
  return left.length > 0 || seen.derivedRoute ? wait('going') : undefined;
};

const gone: Rule = ({ server }) => {
  const phase = server.record.failure ? 'failed' : 'stopped';
  return act('gone', { do: 'record', record: { phase, tellings: [TOLD.gone], ended: 'succeeded' } });
};

const STOP: readonly Rule[] = [forget, remove, evict, clear, going, gone];

import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { act, wait } from '../common/decision.js';
import type { Decision } from './lab.decision.js';
import { currentProgress } from './lab.phase.js';
import type { ObservedLab, ObservedPod, ObservedRequest } from './lab.observed.js';

/** The grace that a notebook gets (contract 5.6). */
const GRACE_SECONDS = 1;
/** A node that is silent may be alive: its pods are forced away only this long after their grace (design section 5). */
const SILENCE = seconds(30);
/** Watches tell of every step; this only covers one that was missed. */
export const LOOK_AGAIN = seconds(30);

/** Gets rid of the lab's pod; undefined once there is none. The caller has made sure that the namespace is ours. */
export function removePod(seen: ObservedLab, now: Instant): Decision | undefined {
  const { pod, remembered } = seen;
  if (!pod) return undefined;
  if (pod.deletingUntil !== undefined) return awaitPod(pod, seen, now);
  if (remembered.deletions.has(pod.uid)) return wait('pod_deleting', later(now, LOOK_AGAIN));
  return act('pod_deleting', { do: 'delete_pod', uid: pod.uid, graceSeconds: GRACE_SECONDS });
}

/** Waits for a pod that is being deleted; forces it if its node can't tell that it is gone. */
export function awaitPod(pod: ObservedPod, seen: ObservedLab, now: Instant): Decision {
  const patience = later(pod.deletingUntil ?? now, SILENCE);
  if (seen.node === undefined || seen.node === 'ready') return wait('pod_deleting', later(now, LOOK_AGAIN));
  if (now < patience) return wait('pod_deleting_on_silent_node', patience);
  if (seen.remembered.deletions.has(`${pod.uid}/forced`)) return wait('pod_forced', later(now, LOOK_AGAIN));
  return act('pod_forced', { do: 'delete_pod', uid: pod.uid, graceSeconds: 0 });
}

/** Deletes the namespace and waits for its end; undefined once there is none. The caller has made sure that it is ours. */
export function removeNamespace(seen: ObservedLab, now: Instant): Decision | undefined {
  const { namespace, remembered } = seen;
  if (!namespace) return undefined;
  if (namespace.terminating || remembered.deletions.has(namespace.uid)) {
    return wait('namespace_deleting', later(now, LOOK_AGAIN));
  }
  return act('namespace_deleting', { do: 'delete_namespace', uid: namespace.uid });
}

/**
 * Deletes request Secrets that no operation needs any more.
 *
 * A Secret of another operation may belong to a *newer* one whose Lab this cache has not seen yet. The Lab is always
 * written before its Secret, so a Secret older than the Lab we see can only belong to an earlier operation.
 */
export function removeRequests(seen: ObservedLab): Decision | undefined {
  const done = isDone(seen);
  const old = seen.requests.find((request) =>
    request.operation === seen.lab.wish.operation.id && request.labUid === seen.lab.uid
      ? done
      : isOlder(request, seen.lab.resourceVersion),
  );
  return old && act('request_served', { do: 'delete_request', name: old.name, uid: old.uid });
}

function isDone({ lab }: ObservedLab): boolean {
  const progress = currentProgress(lab);
  return lab.wish.desiredState === 'stopped' || progress?.objectsCreated === true || Boolean(progress?.ended);
}

/** Resource versions of one store are comparable as numbers. */
function isOlder(request: ObservedRequest, resourceVersion: string): boolean {
  const [theirs, ours] = [request.resourceVersion, resourceVersion];
  return theirs.length === ours.length ? theirs < ours : theirs.length < ours.length;
}

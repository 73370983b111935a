import { later } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { endOf } from './lab.causes.js';
import { act, settled, wait } from './lab.decision.js';
import type { Decision } from './lab.decision.js';
import type { Telling } from './lab.ledger.js';
import { awaitPod, removeRequests } from './lab.removal.policy.js';
import type { ObservedLab } from './lab.observed.js';

/** What becomes of a lab whose spawn has ended, well or badly. */
export function decideLife(seen: ObservedLab, now: Instant): Decision {
  const leftover = removeRequests(seen);
  if (leftover) return leftover;
  switch (seen.lab.record.phase) {
    case 'failed':
      return decideFailed(seen, now);
    case 'terminated':
      return act('ended_by_itself', { do: 'begin_stop' });
    default:
      return decideRunning(seen, now);
  }
}

/** A failed lab stays until somebody has had time to read why. What was adopted as failed is never removed unasked. */
function decideFailed({ lab, terms }: ObservedLab, now: Instant): Decision {
  if (lab.wish.operation.kind === 'adopt') return settled('failed_when_adopted');
  const until = later(lab.record.failure?.at ?? lab.wish.operation.acceptedAt, terms.failedKept);
  return now < until ? wait('failed', until) : act('failed_long_ago', { do: 'begin_stop' });
}

/** Silence of a node is no end: only what a kubelet or the API server says counts (design section 5). */
function decideRunning(seen: ObservedLab, now: Instant): Decision {
  const { namespace, pod } = seen;
  if (namespace?.owner !== 'this_operation') return ended(GONE.namespace);
  if (!pod) return namespace.terminating ? wait('namespace_deleting') : ended(GONE.pod);
  if (pod.over) return ended(endOf(pod));
  return pod.deletingUntil === undefined ? settled('running') : awaitPod(pod, seen, now);
}

const GONE = {
  namespace: {
    reason: 'namespace_gone',
    message: 'Somebody deleted the namespace of the lab',
    severity: 'error',
    remedy: 'Start the lab again',
    who: 'user',
  },
  pod: {
    reason: 'pod_gone',
    message: 'Somebody, or the cluster, deleted the pod of the lab',
    severity: 'error',
    remedy: 'Start the lab again',
    who: 'user',
  },
} as const satisfies Record<string, Telling>;

/** The story of the spawn is closed: how the life ended goes into the record. */
function ended(end: Telling): Decision {
  const failure = {
    reason: end.reason,
    cause: end.evidence === undefined ? end.message : `${end.message} (${end.evidence})`,
    remedy: end.remedy ?? null,
    who: end.who ?? null,
  };
  const byItself = end.reason === 'exited';
  const record = {
    phase: 'terminated',
    tellings: [],
    lifeEnd: end.reason,
    ...(byItself ? {} : { failure }),
  } as const;
  return act(end.reason, { do: 'record', record });
}

import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { endOf, endedByItself, failureOf, fatal, restartOf } from './causes/index.js';
import { act, settled, wait } from '../common/decision.js';
import type { Decision } from './lab.decision.js';
import type { Telling } from './lab.ledger.js';
import type { Lab } from './lab.js';
import type { ObservedContainer, ObservedLab, ObservedPod } from './lab.observed.js';
import { currentProgress } from './lab.phase.js';
import { restoreNetwork } from './lab.network.policy.js';
import { awaitPod, removeRequests } from './lab.removal.policy.js';

/** Pause between status writes about a lab that restarts for ever (design section 5). */
const BETWEEN_RESTARTS = seconds(30);
const BACKED_OFF = 'CrashLoopBackOff';

/** What becomes of a lab whose spawn has ended, well or badly. */
export function decideLife(seen: ObservedLab, now: Instant): Decision {
  const leftover = removeRequests(seen);
  if (leftover) return leftover;
  switch (seen.lab.record.phase) {
    case 'failed':
      return decideFailed(seen, now);
    case 'terminated':
      return clearAway('ended_by_itself', seen);
    default:
      return decideRunning(seen, now);
  }
}

/** A failed lab stays until somebody has had time to read why. What was adopted as failed is never removed unasked. */
function decideFailed(seen: ObservedLab, now: Instant): Decision {
  const { lab, terms } = seen;
  if (lab.wish.operation.kind === 'adopt') return settled('failed_when_adopted');
  const until = later(lab.record.failure?.at ?? lab.wish.operation.acceptedAt, terms.failedKept);
  return now < until ? wait('failed', until) : clearAway('failed_long_ago', seen);
}

/** Nobody asked for it: it waits while such removals are stopped, and counts where a mistake would cost a lab that lives. */
function clearAway(reason: string, seen: ObservedLab): Decision {
  if (seen.removals === 'stopped') return wait('removals_stopped');
  return act(reason, { do: 'begin_stop', ...(mayLive(seen) ? { counted: true } : {}) });
}

/** Its notebook runs after all; or it vanished between two looks, and only our cache says so. */
function mayLive({ lab, pod, remembered }: ObservedLab): boolean {
  if (pod && !pod.over) return pod.notebook?.state === 'running' && pod.deletingUntil === undefined;
  const reason = lab.record.failure?.reason;
  const vanished = reason === GONE.namespace.reason || reason === GONE.pod.reason;
  return lab.record.phase === 'terminated' && vanished && !remembered.sawGoing;
}

/** Silence of a node is no end: only what a kubelet or the API server says counts (design section 5). */
function decideRunning(seen: ObservedLab, now: Instant): Decision {
  const { namespace, pod } = seen;
  const { goingBecause } = seen.remembered;
  if (namespace?.owner !== 'this_operation') return ended(GONE.namespace);
  if (!pod) return namespace.terminating ? wait('namespace_deleting') : ended(goingBecause ?? GONE.pod);
  if (pod.over && !isByHand(pod)) return ended(endOf(pod));
  if (pod.deletingUntil !== undefined) return awaitPod(pod, seen, now);
  return keepUp(seen, now) ?? settled('running');
}

/** What needs a write now comes before what only waits. */
function keepUp(seen: ObservedLab, now: Instant): Decision | undefined {
  const network = restoreNetwork(seen, now);
  return network?.kind === 'act' ? network : (restarted(seen.lab, seen.pod?.notebook, now) ?? network);
}

/** Its notebook ended because the pod is being deleted: the deletion is the cause, and its end is waited for. */
const isByHand = (pod: ObservedPod): boolean => pod.deletingUntil !== undefined && endedByItself(pod);

/** The story is closed, but who asks why the lab was away finds it in the status; seldom enough for one that loops. */
function restarted(lab: Lab, notebook: ObservedContainer | undefined, now: Instant): Decision | undefined {
  if (!notebook || !isNews(lab, notebook)) return undefined;
  const told = lab.record.failure?.at;
  const due = told === undefined ? now : later(told, BETWEEN_RESTARTS);
  if (now < due) return wait('restarted', due);
  const cause = restartOf(notebook);
  const { restarts } = notebook;
  const ready = notebook.state === 'running';
  const record = { phase: 'running', tellings: [], failure: failureOf(cause), restarts, ready } as const;
  return act(cause.reason, { do: 'record', record });
}

/** One more restart; or it is known to be down for a while, or up again, and the record says otherwise. */
function isNews(lab: Lab, { restarts, state, reason }: ObservedContainer): boolean {
  if (restarts > (currentProgress(lab)?.restarts ?? 0)) return true;
  const ready = lab.record.conditions.find((condition) => condition.type === 'Ready')?.status;
  return ready === 'False' ? state === 'running' : reason === BACKED_OFF;
}

const GONE = {
  namespace: fatal('namespace_gone', 'Somebody deleted the namespace of the lab'),
  pod: fatal('pod_gone', 'Somebody, or the cluster, deleted the pod of the lab'),
} as const;

/** The story of the spawn is closed: how the life ended goes into the record. */
function ended(end: Telling): Decision {
  const byItself = end.reason === 'exited';
  const record = {
    phase: 'terminated',
    tellings: [],
    lifeEnd: end.reason,
    ...(byItself ? {} : { failure: failureOf(end) }),
  } as const;
  return act(end.reason, { do: 'record', record });
}

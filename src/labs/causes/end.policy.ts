import { isForOwnLimit } from '../../common/eviction.js';
import type { Telling } from '../lab.ledger.js';
import type { ObservedContainer, ObservedPod } from '../lab.observed.js';
import { cause, fatal } from './cause.js';
import type { Cause, ReasonCode } from './cause.js';
import { LOOP, LOST, OOM } from './container.policy.js';

type Finding = readonly [ReasonCode, string];

const REFUSED: Finding = ['refused_by_node', 'The node refused the lab when it arrived'];

/** What the pod's own status, or its condition DisruptionTarget, says of who ended it. */
const ENDS: Readonly<Record<string, Finding>> = {
  Evicted: ['evicted', 'The node evicted the lab: it ran out of something'],
  TerminationByKubelet: ['evicted', 'The node evicted the lab: it ran out of something'],
  Preempting: ['preempted', 'Something more important needed the place of the lab'],
  PreemptionByScheduler: ['preempted', 'Something more important needed the place of the lab'],
  Terminated: ['node_shut_down', 'The node of the lab was shut down'],
  NodeShutdown: ['node_shut_down', 'The node of the lab was shut down'],
  Shutdown: ['node_shut_down', 'The node of the lab was shut down'],
  NodeLost: ['node_lost', 'The node of the lab was lost'],
  DeletionByTaintManager: ['node_lost', 'The node of the lab failed'],
  DeletionByPodGC: ['node_lost', 'The node of the lab is gone'],
  EvictionByEvictionAPI: ['drained', 'The lab was evicted by request, as for maintenance of its node'],
  DeadlineExceeded: ['deadline_exceeded', 'The time limit of the pod is over'],
  UnexpectedAdmissionError: REFUSED,
  NodeAffinity: REFUSED,
  OutOfcpu: ['refused_by_node', 'The node had no CPU left when the lab arrived'],
  OutOfmemory: ['refused_by_node', 'The node had no memory left when the lab arrived'],
  OutOfpods: ['refused_by_node', 'The node had no place left when the lab arrived'],
};
const OVERFILLED: Finding = [
  'storage_limit_exceeded',
  'The lab wrote more to its temporary storage than it may',
];
const BY_ITSELF: readonly ReasonCode[] = ['exited', 'pod_ended'];

/** Why a pod will never run again; undefined while it may. */
export function over(pod: ObservedPod): Cause | undefined {
  if (!pod.over) return undefined;
  const words = wordsOf(pod);
  const ended = pod.notebook?.exitCode === 0 ? undefined : pod.disruption?.reason;
  const known = named(pod.overReason, words) ?? named(ended, words);
  if (known) return cause(known[0], known[1], { words, certain: true });
  return pod.notebook ? ofNotebook(pod.notebook, pod) : unexplained(pod.overReason, words);
}

const wordsOf = ({ overMessage, disruption }: ObservedPod): string =>
  overMessage || (disruption?.message ?? '');

function ofNotebook({ reason, exitCode, message }: ObservedContainer, pod: ObservedPod): Cause {
  if (reason === OOM) return crashed('oom_killed', 'The lab used more memory than it may', message);
  if (exitCode === 0) return cause('exited', 'The lab ended by itself', { certain: true });
  const how = `${pod.overReason || reason || 'Error'}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`;
  return unexplained(how, message === '' ? wordsOf(pod) : message);
}

const unexplained = (how: string, words: string): Cause =>
  crashed('pod_ended', `The lab ended: ${how || 'Error'}`, words);

const crashed = (code: ReasonCode, text: string, words: string): Cause =>
  cause(code, text, { words, certain: true });

function named(reason = '', words = ''): Finding | undefined {
  const found = Object.hasOwn(ENDS, reason) ? ENDS[reason] : refusal(reason, words);
  return found?.[0] === 'evicted' && isForOwnLimit(words) ? OVERFILLED : found;
}

/** Kubelets have many reasons to refuse a pod, one for each resource among them, and say all in one way. */
function refusal(reason: string, words: string): Finding | undefined {
  const resource = /^OutOf(.+)$/.exec(reason)?.[1];
  if (resource !== undefined)
    return ['refused_by_node', `The node had no ${resource} left when the lab arrived`];
  return words.startsWith('Pod was rejected: ') ? REFUSED : undefined;
}

/** Why a pod is over, in words; for a pod that ran and for one that never did. */
export const endOf = (pod: ObservedPod): Telling =>
  over(pod)?.telling ?? { reason: 'exited', severity: 'info', message: 'The lab ended by itself' };

/** It ended by the hand of whoever deletes the pod, as far as its containers tell. */
export const endedByItself = (pod: ObservedPod): boolean =>
  BY_ITSELF.some((code) => code === endOf(pod).reason);

/** Who is deleting the pod, if its condition says so. */
export function disruptionOf(pod: ObservedPod): Telling | undefined {
  const { reason, message } = pod.disruption ?? {};
  const known = named(reason, message);
  return known && fatal(known[0], known[1], message);
}

/** Why a notebook that ran was restarted, or is about to be. */
export function restartOf({ lastEnd, restarts, ...notebook }: ObservedContainer): Telling {
  const end = notebook.state === 'terminated' ? notebook : lastEnd;
  const { reason = '', exitCode = 0, message = '' } = end ?? {};
  const times = `restarted ${restarts === 1 ? 'once' : `${restarts} times`} so far`;
  const told = { words: message, certain: true };
  if (reason === OOM)
    return cause('oom_killed', `The lab used more memory than it may; ${times}`, told).telling;
  if (LOST.has(reason))
    return cause(
      'node_restarted',
      `The node of the lab was started anew, and the lab with it; ${times}`,
      told,
    ).telling;
  const text = `The lab crashed (exit code ${exitCode}); ${times}`;
  return cause(restarts >= LOOP ? 'crash_looping' : 'lab_crashed', text, told).telling;
}

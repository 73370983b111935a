import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { withoutSecrets } from '../common/without-secrets.js';
import type { Addressee, LabFailure } from './lab.js';
import type { Telling } from './lab.ledger.js';
import type { ObservedContainer, ObservedPod } from './lab.observed.js';

/** Why a pod does not get to run, and whether waiting can still help. */
export interface Cause {
  readonly certain: boolean;
  readonly telling: Telling;
}

const MISSING = /not found|manifest unknown|no such image|does not exist|name unknown/i;
const DENIED = /unauthorized|authentication required|denied|forbidden|no basic auth|401|403/i;
const PULL_FAILED = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'RegistryUnavailable']);
const CONFIG_FAILED = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
/** A kubelet that has not yet seen a ConfigMap of ours reports the same as for one that is missing. */
const CONFIG_PATIENCE = seconds(10);
/** The third restart is a loop (design section 5). */
export const LOOP = 3;
const LAST_WORDS = 200;
const REMEDY_OF_CRASHES = 'Try another image, or reset your user environment';
const OOM = 'OOMKilled';
const EVICTED = new Set(['Evicted', 'Preempting']);

/** Everything that stands in a pod's way, the certain first. Empty for a pod that is merely on its way. */
export function causesOf(pod: ObservedPod, now: Instant): readonly Cause[] {
  const found = [
    over(pod),
    ...containers(pod).map((container) => ofContainer(container, pod, now)),
    unscheduled(pod),
  ];
  const causes = found.filter((cause): cause is Cause => cause !== undefined);
  return [...causes.filter((cause) => cause.certain), ...causes.filter((cause) => !cause.certain)];
}

/** Why a pod is over, in words; for a pod that ran and for one that never did. */
export function endOf(pod: ObservedPod): Telling {
  return over(pod)?.telling ?? { reason: 'exited', severity: 'info', message: 'The lab ended by itself' };
}

/** Why a notebook that ran was restarted, or is about to be. */
export function restartOf({ lastEnd, restarts, ...notebook }: ObservedContainer): Telling {
  const end = notebook.state === 'terminated' ? notebook : lastEnd;
  const { reason = '', exitCode = 0, message = '' } = end ?? {};
  const times = `restarted ${restarts === 1 ? 'once' : `${restarts} times`} so far`;
  if (reason === OOM)
    return outOfMemory(`The lab used more memory than it may; ${times}`, message, true).telling;
  const text = `The lab crashed (exit code ${exitCode}); ${times}`;
  const advice = { remedy: REMEDY_OF_CRASHES, who: 'user', message, certain: true } as const;
  return told(restarts >= LOOP ? 'crash_looping' : 'lab_crashed', text, advice).telling;
}

/** What went wrong, as the record keeps it: with its evidence. */
export const failureOf = (cause: Telling): Omit<LabFailure, 'at'> => ({
  reason: cause.reason,
  cause: cause.evidence === undefined ? cause.message : `${cause.message} (${cause.evidence})`,
  remedy: cause.remedy ?? null,
  who: cause.who ?? null,
});

const containers = (pod: ObservedPod): readonly ObservedContainer[] =>
  pod.notebook ? [...pod.inits, pod.notebook] : pod.inits;

function ofContainer(container: ObservedContainer, pod: ObservedPod, now: Instant): Cause | undefined {
  return pull(container) ?? configuration(container, pod, now) ?? crash(container, pod);
}

function pull(container: ObservedContainer): Cause | undefined {
  const { state, reason, message, image } = container;
  if (state !== 'waiting') return undefined;
  const choose = { remedy: 'Choose another image', who: 'user', message } as const;
  if (reason === 'InvalidImageName') {
    return told('image_invalid', `${image} is no valid image reference`, { ...choose, certain: true });
  }
  if (!PULL_FAILED.has(reason)) return undefined;
  // The first failure may be the registry's hiccup; one that is backed off has failed before.
  const certain = reason !== 'ErrImagePull';
  if (MISSING.test(message)) {
    return told('image_missing', `The image ${image} does not exist`, { ...choose, certain });
  }
  const who = 'operator';
  if (DENIED.test(message)) {
    const remedy = 'Give the cluster access to the registry: lab.pullSecret names the credentials';
    return told('pull_denied', `The registry refuses to give ${image}`, { remedy, who, message, certain });
  }
  const remedy = 'The cluster tries again by itself';
  return told('pull_failed', `Pulling ${image} failed`, { remedy, who, message, certain: false });
}

function configuration(container: ObservedContainer, pod: ObservedPod, now: Instant): Cause | undefined {
  const { state, reason, name, message } = container;
  if (state !== 'waiting' || !CONFIG_FAILED.has(reason)) return undefined;
  const remedy = 'The configuration of labs, or the image, asks for something that the node cannot do';
  const certain = now >= later(pod.createdAt, CONFIG_PATIENCE);
  const advice = { remedy, who: 'operator', message, certain } as const;
  return told('container_config_error', `Container ${name} cannot be started`, advice);
}

interface Breakdown {
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number;
}

/** How the container broke last, unless it has got over it. */
function breakdown(container: ObservedContainer): Breakdown | undefined {
  const { state, reason, message, exitCode = 0, lastEnd, restarts } = container;
  if (state === 'running' && restarts < LOOP) return undefined;
  const end = state === 'terminated' ? { reason, message, exitCode } : lastEnd;
  return end && (end.exitCode !== 0 || end.reason === OOM) ? end : undefined;
}

function crash(container: ObservedContainer, pod: ObservedPod): Cause | undefined {
  const end = breakdown(container);
  if (!end) return undefined;
  const lasting = container.restarts >= LOOP;
  const message = end.message === '' ? `exit code ${end.exitCode}` : end.message;
  if (end.reason === OOM) {
    return outOfMemory(`Container ${container.name} used more memory than it may`, message, lasting);
  }
  if (container !== pod.notebook) {
    const text = `Preparing the lab failed in ${container.name} (exit code ${end.exitCode})`;
    const remedy = 'Look at what the init container needs: volumes, permissions, its image';
    return told('init_container_failed', text, { remedy, who: 'operator', message, certain: lasting });
  }
  const text = `The lab crashed ${lasting ? 'again and again' : 'while it started'} (exit code ${end.exitCode})`;
  const reason = lasting ? 'crash_looping' : 'lab_crashed';
  return told(reason, text, { remedy: REMEDY_OF_CRASHES, who: 'user', message, certain: lasting });
}

const outOfMemory = (text: string, message: string, certain: boolean): Cause =>
  told('oom_killed', text, { remedy: 'Choose a larger size', who: 'user', message, certain });

function over(pod: ObservedPod): Cause | undefined {
  if (!pod.over) return undefined;
  if (EVICTED.has(pod.overReason)) {
    const remedy = 'Start the lab again; if it recurs, the nodes lack memory or disk';
    const advice = { remedy, who: 'operator', message: pod.overMessage, certain: true } as const;
    return told('evicted', 'The node evicted the lab', advice);
  }
  const { reason, exitCode, message } = pod.notebook ?? { reason: '', exitCode: undefined, message: '' };
  if (reason === OOM) return outOfMemory('The lab used more memory than it may', message, true);
  const advice = { remedy: 'Start it again', who: 'user', certain: true } as const;
  if (exitCode === 0) return told('exited', 'The lab ended by itself', { ...advice, message: '' });
  const words = message === '' ? pod.overMessage : message;
  return told('pod_ended', `The lab ended: ${pod.overReason || reason || 'Error'}`, {
    ...advice,
    message: words,
  });
}

/** Never certain: an autoscaler may bring a node. */
function unscheduled(pod: ObservedPod): Cause | undefined {
  if (pod.unschedulable === undefined) return undefined;
  const remedy = 'Waiting for room on a node; an operator can add nodes or lower the size';
  const text = `No node has room for the lab yet: ${pod.unschedulable}`;
  return told('unschedulable', text, { remedy, who: 'operator', message: '', certain: false });
}

interface Advice {
  readonly remedy: string;
  readonly who: Addressee;
  /** The kubelet's or the container's own words. */
  readonly message: string;
  readonly certain: boolean;
}

function told(reason: string, text: string, advice: Advice): Cause {
  const { remedy, who, message, certain } = advice;
  const words = withoutSecrets(message).trim().slice(-LAST_WORDS);
  return {
    certain,
    telling: {
      reason,
      message: text,
      severity: certain ? 'error' : 'warning',
      remedy,
      who,
      ...(words === '' ? {} : { evidence: words }),
    },
  };
}

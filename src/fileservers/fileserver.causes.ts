import { isForOwnLimit } from '../common/eviction.js';
import type { Addressee, Telling } from '../common/ledger.js';
import { withoutSecrets } from '../common/without-secrets.js';
import type { ObservedServer, ObservedServerPod } from './fileserver.observed.js';

/** Why a server does not come up, and whether waiting can still help. */
export interface Cause {
  readonly certain: boolean;
  readonly telling: Telling;
}

const PULL_FAILED = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']);
const CONFIG_FAILED = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
const CLAIM_MISSING = /persistentvolumeclaim "([^"]+)" (?:not found|is being deleted)/;
const CLAIM_UNBOUND = /unbound immediate PersistentVolumeClaims/;
const LAST_WORDS = 200;
const MOST_WORDS = 300;
const VOLUME_UNREACHABLE = {
  reason: 'volume_not_mounted',
  remedy: 'Look at the volume’s server and path in lab.volumes: the node cannot reach it',
};
const NETWORK_MISSING = {
  reason: 'network_not_ready',
  remedy: 'Look at the network plugin of the node: it gives pods no network',
};
const IMAGE_REMEDY =
  'Check NUBLADO_CONTROLLER_REPOSITORY and NUBLADO_CONTROLLER_TAG, and that the nodes may pull that image';

/** What stands in the pod's way; undefined for one that is merely on its way. */
export function causeOf(pod: ObservedServerPod): Cause | undefined {
  return volumes(pod) ?? pull(pod) ?? configuration(pod) ?? unscheduled(pod);
}

function pull({ container }: ObservedServerPod): Cause | undefined {
  const { state, reason, image, message } = container;
  if (state !== 'waiting' || !PULL_FAILED.has(reason)) return undefined;
  // The first failure may be the registry's hiccup; one that is backed off has failed before.
  const advice = {
    remedy: IMAGE_REMEDY,
    who: 'operator',
    message,
    certain: reason !== 'ErrImagePull',
  } as const;
  return told('image_unavailable', `The image ${image} of file servers cannot be pulled`, advice);
}

/** A key whose Secret a kubelet has not seen yet looks the same, so that only the deadline makes this certain. */
function configuration({ container }: ObservedServerPod): Cause | undefined {
  const { state, reason, message } = container;
  if (state !== 'waiting' || !CONFIG_FAILED.has(reason)) return undefined;
  const remedy = 'The message names what is missing or refused';
  return told('container_config_error', 'The file server’s container cannot be started', {
    remedy,
    who: 'operator',
    message,
    certain: false,
  });
}

/** A claim is made before the pod: if it is missing, somebody or something took it away. */
function volumes({ unschedulable = '' }: ObservedServerPod): Cause | undefined {
  const missing = CLAIM_MISSING.exec(unschedulable)?.[1];
  if (missing !== undefined) {
    const remedy = `Ask for the files again, which makes the claim anew; if it goes again, find out who deletes ${missing}`;
    const text = `The volume claim ${missing} is gone`;
    return told('volume_missing', text, { remedy, who: 'operator', message: unschedulable, certain: true });
  }
  if (!CLAIM_UNBOUND.test(unschedulable)) return undefined;
  const remedy = 'Look at the claims of this user: their storage class has no volume to give';
  const text = 'A volume of the file server is not available yet';
  return told('volume_unbound', text, { remedy, who: 'operator', message: unschedulable, certain: false });
}

/** Never certain: an autoscaler may bring a node. */
function unscheduled({ unschedulable }: ObservedServerPod): Cause | undefined {
  if (unschedulable === undefined) return undefined;
  const remedy = 'An operator can add nodes, or lower fileserver.resources';
  const text = `No node has room for the file server yet: ${unschedulable}`;
  return told('unschedulable', text, { remedy, who: 'operator', message: '', certain: false });
}

/** What no status of a pod tells, and what is worth a word while somebody waits. */
const EVENTS: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  FailedMount: VOLUME_UNREACHABLE,
  FailedAttachVolume: VOLUME_UNREACHABLE,
  FailedCreatePodSandBox: NETWORK_MISSING,
  NetworkNotReady: NETWORK_MISSING,
};

/** What a warning about a server's pod means; undefined for one that the pod's own status tells better. */
export function tellingOf({
  reason,
  message,
}: {
  readonly reason: string;
  readonly message: string;
}): Telling | undefined {
  const known = EVENTS[reason];
  if (!known) return undefined;
  const words = withoutSecrets(message).slice(0, MOST_WORDS);
  return { ...known, message: words, severity: 'warning', who: 'operator' };
}

/** Why a server is over that nobody stopped. */
export function endOf(pod: ObservedServerPod | undefined): Telling {
  if (pod?.overReason === 'Evicted') return evictionOf(pod.overMessage);
  const words = pod ? pod.container.message || pod.overMessage : '';
  if (pod?.container.reason === 'OOMKilled') {
    const remedy = 'Ask for the files again; if it recurs, raise fileserver.resources';
    return ended('oom_killed', 'The file server used more memory than it may', { remedy, words });
  }
  const remedy = 'Ask for the files again; if it recurs, an operator finds its last words here';
  return ended('server_ended', `The file server ended by itself (${manner(pod)})`, { remedy, words });
}

function evictionOf(words: string): Telling {
  if (isForOwnLimit(words)) {
    const remedy = 'Ask for the files again; if it recurs, raise the limit that the evidence names';
    const text = 'The file server wrote more to its temporary storage than it may';
    return ended('storage_limit_exceeded', text, { remedy, words });
  }
  const remedy = 'Ask for the files again; if it recurs, the nodes lack memory or disk';
  return ended('evicted', 'The node evicted the file server', { remedy, words });
}

const ended = (
  reason: string,
  text: string,
  { remedy, words }: { readonly remedy: string; readonly words: string },
): Telling => told(reason, text, advise(remedy, 'operator', words)).telling;

function manner(pod: ObservedServerPod | undefined): string {
  const { exitCode } = pod?.container ?? {};
  return exitCode === undefined ? pod?.overReason || 'its Job failed' : `exit code ${exitCode}`;
}

const advise = (remedy: string, who: Addressee, message: string): Advice => ({
  remedy,
  who,
  message,
  certain: true,
});

/** Why the time is over without a server that can be reached: the first thing that is still missing. */
export function overdue(seen: ObservedServer, limitSeconds: number): Telling {
  const { pod, remembered } = seen;
  if (pod?.over) return endOf(pod);
  const known = (pod && causeOf(pod)?.telling) ?? lastWarning(remembered.details);
  if (known) return { ...known, message: `${known.message} (waited ${limitSeconds} seconds)` };
  const { reason, text, remedy } = missing(seen, `within ${limitSeconds} seconds`);
  return told(reason, text, advise(remedy, 'operator', '')).telling;
}

function missing(
  { pod, node, reach }: ObservedServer,
  after: string,
): { readonly reason: string; readonly text: string; readonly remedy: string } {
  if (!pod) {
    const remedy = 'Look at the events of the Job: quota, admission, or a Job controller that does not run';
    return { reason: 'pod_missing', text: `The file server’s pod did not appear ${after}`, remedy };
  }
  if (node === 'not_ready' || node === 'gone') {
    const text = `The node ${pod.node ?? ''} of the file server did not report ${after}`;
    const remedy = 'Look at the node; once the server is removed, the next one starts on another';
    return { reason: 'node_silent', text, remedy };
  }
  if (!pod.ready) {
    const remedy = 'Look at the pod: its image does not listen on port 8000';
    return { reason: 'not_ready', text: `The file server did not answer ${after}`, remedy };
  }
  const words = reach.why === '' ? '' : `: ${reach.why}`;
  const remedy = 'Look at the ingress controller or gateway: it has not taken up this server’s route';
  return { reason: 'no_address', text: `The file server got no address ${after}${words}`, remedy };
}

const lastWarning = (details: readonly Telling[]): Telling | undefined =>
  details.filter(({ severity }) => severity === 'warning' || severity === 'error').at(-1);

/** Its pod has to go, and its node cannot even say that. */
export const nodeLost = (node: string): Telling =>
  told(
    'node_lost',
    `The node ${node} with the file server does not report any more`,
    advise('Ask for the files again: another node serves them', 'user', ''),
  ).telling;

/** The server before this one is not gone in the time that somebody waits for the next. */
export function stillEnding({ pod, node }: ObservedServer, limitSeconds: number): Telling {
  const known = pod?.node !== undefined && (node === 'not_ready' || node === 'gone');
  const why = known ? `: its node ${pod.node} does not report` : '';
  const text = `The file server before this one did not end within ${limitSeconds} seconds${why}`;
  const remedy = 'Transfers may end first: ask again in some minutes';
  return told('still_ending', text, advise(remedy, 'user', '')).telling;
}

/** Something of that name belongs to somebody else. */
export const nameTaken = (kind: string, name: string): Telling =>
  told(
    'name_taken',
    `${kind} ${name} exists and is not ours`,
    advise('Remove it, or give Berth a namespace of its own in fileserver.namespace', 'operator', ''),
  ).telling;

/** The API server will never take one of our objects. */
export const refused = (what: string, message: string): Telling =>
  told(
    'object_refused',
    `The cluster refuses ${what}`,
    advise(
      'The cluster’s policies refuse the file server as configured; its message says why',
      'operator',
      message,
    ),
  ).telling;

interface Advice {
  readonly remedy: string;
  readonly who: Addressee;
  /** The cluster's or the container's own words. */
  readonly message: string;
  readonly certain: boolean;
}

function told(reason: string, text: string, { remedy, who, message, certain }: Advice): Cause {
  const words = withoutSecrets(message).trim().slice(-LAST_WORDS);
  return {
    certain,
    telling: {
      reason,
      message: text,
      severity: certain ? 'error' : 'warning',
      remedy,
      who,
      ...(words === '' ? {} : { evidence: words, lastWords: true }),
    },
  };
}

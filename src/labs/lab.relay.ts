import type { PodEvent } from '../kubernetes/index.js';
import { withoutSecrets } from '../common/without-secrets.js';
import { explained } from './causes/index.js';
import type { Telling } from './lab.ledger.js';
import type { ObservedLab } from './lab.observed.js';

const LONGEST_REASON = 63;

/**
 * A pod event as the user is told of it: explained if we know what it means, else the message as it is and our spelling
 * of the reason (contract 6.4). `expectation`: what earlier cases of it were like.
 */
export const relayed = (event: PodEvent, expectation = ''): Telling => ({
  reason: snake(event.reason),
  message: withoutSecrets(event.message) + expectation,
  severity: event.type === 'Warning' ? 'warning' : 'info',
  ...explained(event),
  progress: 'relay',
  at: event.at,
  podUid: event.podUid,
});

/**
 * True for what a person who waits need not read: the only probe of the notebook is ours (`berth.readiness: tcp`),
 * and until it succeeds the lab is merely starting. Probes of other containers are somebody else's and are told.
 */
export const isNoise = (event: PodEvent): boolean =>
  (event.reason === 'Unhealthy' && event.fieldPath === 'spec.containers{notebook}') ||
  // Said with its cause by the event before it.
  (event.reason === 'Failed' && /^Error: (?:ErrImagePull|ImagePullBackOff)$/.test(event.message)) ||
  (event.reason === 'BackOff' && event.message.startsWith('Back-off pulling image'));

/**
 * The container whose image a kubelet gave up getting for now. It says so at once, and writes it into the pod's status only
 * when it tries again, ten seconds later.
 */
export const backedOffIn = ({ reason, message, fieldPath = '' }: PodEvent): string | undefined =>
  reason === 'BackOff' && message.startsWith('Back-off pulling image')
    ? /^spec\.(?:initC|c)ontainers\{(.+)\}$/.exec(fieldPath)?.[1]
    : undefined;

/** False for what is said of a pod that is only being cleared away: it belongs to an earlier story. */
export function isOfOperation({ lab, namespace, pod }: ObservedLab, podUid: string): boolean {
  const { kind, id } = lab.wish.operation;
  if (kind === 'adopt') return true;
  if (namespace?.owner !== 'this_operation' || namespace.terminating) return false;
  return pod?.uid !== podUid || pod.operation === id;
}

/** `FailedScheduling` as `failed_scheduling`. */
const snake = (reason: string): string =>
  reason
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .slice(0, LONGEST_REASON);

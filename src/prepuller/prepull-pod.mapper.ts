import type { V1ContainerStatus, V1ObjectMeta, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { apiTime } from '../common/api-time.js';
import type { Plain } from '../common/plain.js';
import { instant, millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { withoutSecrets } from '../common/without-secrets.js';
import { CATEGORY, CATEGORY_LABEL, CONTAINER, INSTANCE_LABEL } from './prepull-pod.builder.js';
import { podFailureOf, pullFailureOf } from './pull-failure.policy.js';
import type { Pull, PullEnd, PullFailureReason } from './prepull.js';

/** As much of the kubelet's words as a person reads; the end says what went wrong. */
const LONGEST_MESSAGE = 300;
const PULL_REFUSED = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
]);

type Metadata = Partial<Plain<V1ObjectMeta>>;
type Status = Partial<Plain<V1PodStatus>>;
type Words = { readonly reason?: string | undefined; readonly message?: string | undefined };

/** Whether a pod is one of ours: made by a Berth in this very namespace. */
export function isOurPull(pod: V1Pod, instance: string): boolean {
  const { labels = {} }: Metadata = pod.metadata ?? {};
  return labels[CATEGORY_LABEL] === CATEGORY && labels[INSTANCE_LABEL] === instance;
}

/** A prepull pod as a pull. Never throws. */
export function pullOf(pod: V1Pod): Pull {
  const { name = '', uid = '', creationTimestamp, deletionTimestamp }: Metadata = pod.metadata ?? {};
  return {
    name,
    uid,
    ...errandOf(pod.spec),
    createdAt: apiTime(creationTimestamp) ?? instant(0),
    end: endOf(pod.status ?? {}),
    isBeingDeleted: deletionTimestamp !== undefined,
  };
}

function errandOf(spec: V1Pod['spec']): Pick<Pull, 'node' | 'digest' | 'reference'> {
  const reference = spec?.containers[0]?.image ?? '';
  return { node: spec?.nodeName ?? '', reference, digest: reference.split('@', 2)[1] ?? '' };
}

function endOf(status: Status): PullEnd | undefined {
  const container = status.containerStatuses?.find(({ name }) => name === CONTAINER);
  const waiting: Words = container?.state?.waiting ?? {};
  return (container && proofOf(container, status)) ?? failureOfPod(status) ?? failureOfWait(waiting);
}

/**
 * A container that ended had its image, whatever it made of `/bin/true`; so had one that the runtime could not start. Only
 * the image is to be proven, not that its programs work.
 */
function proofOf({ imageID, state }: Plain<V1ContainerStatus>, { startTime }: Status): PullEnd | undefined {
  const ended = state?.terminated;
  if (!ended || imageID === '') return undefined;
  const at = apiTime(ended.finishedAt) ?? apiTime(ended.startedAt);
  return at === undefined ? undefined : { kind: 'proven', at, took: between(startTime, ended.startedAt) };
}

function failureOfPod({ phase, reason = '', message = '' }: Status): PullEnd | undefined {
  if (phase !== 'Failed') return undefined;
  return failed(podFailureOf(reason, message), message === '' ? reason : message);
}

/** A failure to pull is told at its first time: we come back sooner, or later, than the kubelet would, and not in its place. */
function failureOfWait({ reason = '', message = '' }: Words): PullEnd | undefined {
  if (PULL_REFUSED.has(reason)) return failed(pullFailureOf(reason, message), message);
  // The image is there; what the runtime did not like about the container is its own affair.
  if (/^(CreateContainer|RunContainer|CreatePodSandbox)\w*Error$/.test(reason)) {
    return failed('pull_failed', `${reason}: ${message}`);
  }
  return undefined;
}

function between(start: unknown, end: unknown): Millis | undefined {
  const [from, to] = [apiTime(start), apiTime(end)];
  return from === undefined || to === undefined || to < from ? undefined : millis(to - from);
}

const failed = (reason: PullFailureReason, message: string): PullEnd => ({
  kind: 'failed',
  reason,
  message: withoutSecrets(message).trim().slice(-LONGEST_MESSAGE),
});

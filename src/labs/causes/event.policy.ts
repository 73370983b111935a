import type { PodEvent } from '../../kubernetes/index.js';
import type { Telling } from '../lab.ledger.js';
import { cause, ofUnchosen } from './cause.js';
import type { Cause, ReasonCode } from './cause.js';
import { pullProblem } from './pull.policy.js';

type Sentence = readonly [ReasonCode, string];
type Words = readonly (readonly [RegExp, ...Sentence])[];

/** What mounting says of itself (`k8s.io/kubernetes/pkg/volume`). None of it is ever fatal: kubelets go on trying. */
const MOUNT: Words = [
  [
    /(?:configmap|secret) "[^"]*" not found|references non-existent|object "[^"]*"\/"[^"]*" not registered|hostPath type check failed|reason given by server: No such file|mount error\(2\)/i,
    'volume_source_missing',
    'What a volume of the lab shows does not exist (yet)',
  ],
  [
    /dial unix|unknown filesystem type|bad option|incorrect mount option|rpc\.statd/i,
    'volume_not_mounted',
    'The node is not able to mount a volume of the lab',
  ],
  // A timeout alone may be the API server's or the kubelet's own, and `mount` names NFS in its advice on options.
  [
    /mount\.(?:nfs|cifs)|connection (?:timed out|refused)|no route to host|access denied/i,
    'volume_server_unreachable',
    'The server of a volume of the lab does not answer the node, or refuses it',
  ],
];
const ATTACH: Words = [
  [
    /Multi-Attach|already (?:used|attached)|still attached/i,
    'volume_in_use',
    'Another node still has a volume of the lab attached',
  ],
];
const SANDBOX: Words = [
  [/sandbox image/i, 'sandbox_failed', 'The node cannot get the image that each pod begins with'],
  [/network|cni|plugin type=/i, 'pod_network_failed', 'The node could not connect the lab to the network'],
];

const NOT_MOUNTED: Sentence = ['volume_not_mounted', 'The node has not mounted a volume of the lab yet'];
const NO_SANDBOX: Sentence = ['sandbox_failed', 'The node could not set up the lab’s pod'];

/** Of several volumes each is told, and not only the first. */
const named = (words: string, table: Words): Sentence => {
  const [code, sentence] = said(words, table, NOT_MOUNTED);
  const volume = /for volume "([^"]+)"/.exec(words)?.[1];
  return [code, volume === undefined ? sentence : sentence.replace('a volume of', `volume ${volume} of`)];
};

const BY_REASON: Readonly<Record<string, (words: string) => Sentence | undefined>> = {
  FailedMount: (words) => named(words, MOUNT),
  FailedMapVolume: (words) => named(words, MOUNT),
  FailedAttachVolume: (words) => named(words, [...ATTACH, ...MOUNT]),
  FailedCreatePodSandBox: (words) => said(words, SANDBOX, NO_SANDBOX),
  NetworkNotReady: () => ['pod_network_failed', 'The network of the node is not ready'],
  TriggeredScaleUp: () => ['autoscaler_scaling_up', 'The cluster is adding a node for the lab'],
  Nominated: () => ['autoscaler_scaling_up', 'The cluster is preparing a node for the lab'],
  NotTriggerScaleUp: () => ['autoscaler_cannot_help', 'The autoscaler cannot add a node for the lab'],
  FailedScaleUp: () => [
    'autoscaler_failed',
    'The cluster did not get the node that its autoscaler asked for',
  ],
  // Karpenter's; the scheduler's own is a condition of the pod.
  FailedScheduling: (words) =>
    words.startsWith('Failed to schedule pod, ')
      ? ['autoscaler_cannot_help', 'The autoscaler cannot add a node for the lab']
      : undefined,
  FailedPostStartHook: () => ['post_start_hook_failed', 'The hook after the start of the lab failed'],
};

const said = (words: string, table: Words, otherwise: Sentence): Sentence => {
  const [, ...sentence] = table.find(([pattern]) => pattern.test(words)) ?? [undefined, ...otherwise];
  return sentence;
};

/** What an event comes to, if that is more than its own words; never certain. */
export function explained(event: PodEvent): Telling | undefined {
  const found = sentenceOf(event);
  if (!found) return undefined;
  const { telling }: Cause = cause(found[0], found[1], { words: event.message });
  const told = isOfNotebook(event) ? telling : ofUnchosen(telling);
  return event.type === 'Normal' ? { ...told, severity: 'info' } : told;
}

/** As far as it says; what names no container may be about the notebook. */
const isOfNotebook = ({ fieldPath }: PodEvent): boolean =>
  fieldPath === undefined || fieldPath === 'spec.containers{notebook}';

function sentenceOf({ reason, message }: PodEvent): Sentence | undefined {
  if (Object.hasOwn(BY_REASON, reason)) return BY_REASON[reason]?.(message);
  const image = reason === 'Failed' ? /^Failed to pull image "([^"]*)"/.exec(message)?.[1] : undefined;
  if (image === undefined) return undefined;
  const { code, message: sentence } = pullProblem(image, message);
  return [code, sentence];
}

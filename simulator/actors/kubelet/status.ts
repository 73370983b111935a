import { timestamp } from '../events.js';
import type { Condition, Container, ContainerStatus, Pod, PodStatus } from '../types.js';

/** The parts of a pod's state that only the kubelet knows. */
export interface PodFacts {
  startTime: string;
  hostIP: string;
  podIP?: string;
  init: ContainerStatus[];
  containers: ContainerStatus[];
  /** An end decided over the containers' heads, as an eviction is. */
  verdict?: { phase: string; reason: string; message: string };
  disruption?: { reason: string; message: string };
  /** No container will be started any more. */
  stopping: boolean;
}

/** The status of a container that nobody has started yet. */
export function waitingStatus(container: Container, pod: Pod): ContainerStatus {
  const reason = (pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating';
  return {
    name: container.name,
    image: container.image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: { waiting: { reason } },
    lastState: {},
  };
}

const succeeded = (status: ContainerStatus): boolean => status.state.terminated?.exitCode === 0;
const ended = (status: ContainerStatus): boolean =>
  status.state.terminated !== undefined ||
  (status.state.waiting !== undefined && status.lastState.terminated !== undefined);

const isSidecar = (pod: Pod, name: string): boolean =>
  pod.spec.initContainers?.find((each) => each.name === name)?.restartPolicy === 'Always';

const initDone = (pod: Pod, status: ContainerStatus): boolean =>
  isSidecar(pod, status.name) ? status.started === true : succeeded(status);

/** The phase that follows from the containers, by the rules of the kubelet. */
export function phaseOf(pod: Pod, facts: PodFacts): string {
  const undone = facts.init.filter((each) => !initDone(pod, each));
  if (undone.length === 0) return phaseOfContainers(pod, facts);
  const final = (pod.spec.restartPolicy ?? 'Always') === 'Never' || facts.stopping;
  return final && undone.some((each) => each.state.terminated !== undefined) ? 'Failed' : pending(facts);
}

const pending = ({ stopping }: PodFacts): string => (stopping ? 'Failed' : 'Pending');

function phaseOfContainers(pod: Pod, facts: PodFacts): string {
  const { containers, stopping } = facts;
  const policy = stopping ? 'Never' : (pod.spec.restartPolicy ?? 'Always');
  if (containers.some((each) => each.state.waiting && !ended(each))) return pending(facts);
  if (policy === 'Always' || containers.some((each) => each.state.running)) return 'Running';
  if (containers.every(succeeded)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

/** Builds the status to write; a condition that did not turn keeps the time at which it last did. */
export function statusOf(pod: Pod, facts: PodFacts): PodStatus & Record<string, unknown> {
  const phase = facts.verdict?.phase ?? phaseOf(pod, facts);
  const ips = facts.podIP === undefined ? {} : { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] };
  return {
    phase,
    ...(facts.verdict && { reason: facts.verdict.reason, message: facts.verdict.message }),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    conditions: conditionsOf(pod, facts, phase),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...ips,
    startTime: facts.startTime,
    ...(facts.init.length > 0 && { initContainerStatuses: facts.init }),
    containerStatuses: facts.containers,
  };
}

type Part = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function conditionsOf(pod: Pod, facts: PodFacts, phase: string): Condition[] {
  const before = new Map((pod.status?.conditions ?? []).map((each) => [each.type, each]));
  const { generation } = pod.metadata;
  const parts = [...disruption(facts), ...kubeletConditions(pod, facts, phase)];
  const ours = parts.map((part): Condition => {
    const old = before.get(part.type);
    const turned = old?.status !== part.status;
    return {
      ...part,
      ...(generation !== undefined && { observedGeneration: generation }),
      lastProbeTime: null,
      lastTransitionTime: turned ? timestamp() : (old.lastTransitionTime ?? timestamp()),
    };
  });
  const scheduled: Condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: facts.startTime };
  const own = new Set([...ours.map((each) => each.type), 'PodScheduled']);
  const others = [...before.values()].filter((each) => !own.has(each.type));
  const bound = before.get('PodScheduled');
  return [...ours, bound?.status === 'True' ? bound : { ...scheduled, lastProbeTime: null }, ...others];
}

function disruption({ disruption: why }: PodFacts): Part[] {
  return why === undefined ? [] : [{ type: 'DisruptionTarget', status: 'True', ...why }];
}

function kubeletConditions(pod: Pod, facts: PodFacts, phase: string): Part[] {
  const uninitialised = facts.init.filter((each) => !initDone(pod, each)).map((each) => each.name);
  const unready = facts.containers.filter((each) => !each.ready).map((each) => each.name);
  const sandbox = facts.podIP !== undefined && !(facts.stopping && phase !== 'Running');
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    condition('Initialized', uninitialised, {
      phase,
      reason: 'ContainersNotInitialized',
      words: 'incomplete',
    }),
    condition('Ready', unready, { phase, reason: 'ContainersNotReady', words: 'unready' }),
    condition('ContainersReady', unready, { phase, reason: 'ContainersNotReady', words: 'unready' }),
  ];
}

function condition(
  type: string,
  lacking: string[],
  { phase, reason, words }: { phase: string; reason: string; words: string },
): Part {
  if (phase === 'Succeeded')
    return { type, status: type === 'Initialized' ? 'True' : 'False', reason: 'PodCompleted' };
  if (phase === 'Failed' && type !== 'Initialized') return { type, status: 'False', reason: 'PodFailed' };
  if (lacking.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason,
    message: `containers with ${words} status: [${lacking.join(' ')}]`,
  };
}

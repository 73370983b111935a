import type {
  V1ContainerState,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Namespace,
  V1Node,
  V1ObjectMeta,
  V1Pod,
  V1PodSpec,
  V1PodStatus,
  V1Secret,
} from '@kubernetes/client-node';

import { apiTime as timeOf } from '../common/api-time.js';
import { parseQuantity } from '../common/quantity.js';
import { bytes, instant, milliCpu } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { KubeObject } from '../kubernetes/index.js';
import { OPERATION } from './objects/index.js';
import type { LabRemains, Ownership } from './objects/index.js';
import type { Quantities } from './lab.js';
import type { NamespaceOwner, ObservedContainer, ObservedPod, ObservedRequest } from './lab.observed.js';

const NOTEBOOK = 'notebook';

/** The metadata that every answer of the API has; total, for those that lack it. */
function identityOf(object: KubeObject): {
  namespace: string;
  name: string;
  uid: string;
  createdAt: Instant;
} {
  const { namespace, name, uid, creationTimestamp }: Partial<V1ObjectMeta> = object.metadata ?? {};
  const createdAt = timeOf(creationTimestamp) ?? instant(0);
  return { namespace: namespace ?? '', name: name ?? '', uid: uid ?? '', createdAt };
}

export function podOf(pod: V1Pod): ObservedPod {
  return {
    ...identityOf(pod),
    operation: pod.metadata?.labels?.[OPERATION],
    deletingUntil: timeOf(pod.metadata?.deletionTimestamp),
    node: pod.spec?.nodeName,
    ...endOf(pod),
    ...schedulingOf(pod.status),
    disruption: disruptionOf(pod.status),
    ...containersOf(pod.spec, pod.status),
  };
}

function endOf({ spec, status }: V1Pod): Pick<ObservedPod, 'over' | 'overReason' | 'overMessage'> {
  return {
    over: status?.phase === 'Succeeded' || status?.phase === 'Failed' || isNotebookOver(spec, status),
    overReason: status?.reason ?? '',
    overMessage: status?.message ?? '',
  };
}

/** A container that somebody added keeps the pod's phase `Running` after the notebook has ended for good. */
function isNotebookOver(spec: V1PodSpec | undefined, status: V1PodStatus | undefined): boolean {
  const ended = status?.containerStatuses?.find(({ name }) => name === NOTEBOOK)?.state?.terminated;
  if (!ended) return false;
  return spec?.restartPolicy === 'Never' || (spec?.restartPolicy === 'OnFailure' && ended.exitCode === 0);
}

/** It finds no node; or it failed with the one that it had chosen, as where a volume was not made in time. */
const UNPLACED: ReadonlySet<string> = new Set(['Unschedulable', 'SchedulerError']);

function schedulingOf(status: V1PodStatus | undefined): Pick<ObservedPod, 'unschedulable' | 'gated'> {
  const scheduled = status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  const { reason = '', message = '' } = scheduled?.status === 'False' ? scheduled : {};
  return {
    unschedulable: UNPLACED.has(reason) ? message : undefined,
    gated: reason === 'SchedulingGated' ? message : undefined,
  };
}

function disruptionOf(status: V1PodStatus | undefined): ObservedPod['disruption'] {
  const found = status?.conditions?.find(
    ({ type, status: is }) => type === 'DisruptionTarget' && is === 'True',
  );
  return found && { reason: found.reason ?? '', message: found.message ?? '' };
}

function containersOf(
  spec: V1PodSpec | undefined,
  status: V1PodStatus | undefined,
): Pick<ObservedPod, 'notebook' | 'inits'> {
  const notebook = spec?.containers.find((container) => container.name === NOTEBOOK);
  const inits = spec?.initContainers ?? [];
  const initStatuses = status?.initContainerStatuses ?? [];
  return {
    notebook: notebook && containerOf(notebook, status?.containerStatuses ?? []),
    inits: inits.map((init) => containerOf(init, initStatuses)),
  };
}

/** A container without a status has not been looked at by a kubelet: it waits. */
function containerOf(
  container: { readonly name: string; readonly image?: string },
  statuses: readonly V1ContainerStatus[],
): ObservedContainer {
  const status = statuses.find((one) => one.name === container.name);
  return {
    name: container.name,
    image: container.image ?? '',
    ...stateOf(status?.state ?? {}),
    ready: status?.ready ?? false,
    restarts: status?.restartCount ?? 0,
    lastEnd: lastEndOf(status?.lastState?.terminated),
  };
}

type State = Pick<ObservedContainer, 'state' | 'reason' | 'message' | 'exitCode' | 'startedAt'>;

function stateOf({ waiting, running, terminated }: Partial<V1ContainerState>): State {
  const { reason = '', message = '' }: { reason?: string; message?: string } = terminated ?? waiting ?? {};
  return {
    state: running ? 'running' : terminated ? 'terminated' : 'waiting',
    reason,
    message,
    exitCode: terminated?.exitCode,
    startedAt: timeOf(running?.startedAt),
  };
}

const lastEndOf = (last: V1ContainerStateTerminated | undefined): ObservedContainer['lastEnd'] =>
  last && { reason: last.reason ?? '', message: last.message ?? '', exitCode: last.exitCode };

export function requestOf(secret: V1Secret): ObservedRequest {
  const { name, uid, createdAt } = identityOf(secret);
  const meta = secret.metadata;
  return {
    name,
    uid,
    createdAt,
    resourceVersion: meta?.resourceVersion ?? '',
    labUid: meta?.ownerReferences?.[0]?.uid ?? '',
    operation: meta?.labels?.[OPERATION] ?? '',
  };
}

/** The parts of a Namespace that say whose it is; made for metadata-only watches. */
export interface NamespaceFacts extends Ownership {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: Instant;
  readonly terminating: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function namespaceOf(namespace: V1Namespace, marks: Ownership): NamespaceFacts {
  const { name, uid, createdAt } = identityOf(namespace);
  const meta = namespace.metadata;
  return {
    ...marks,
    name,
    uid,
    createdAt,
    resourceVersion: meta?.resourceVersion ?? '',
    terminating: meta?.deletionTimestamp !== undefined,
    labels: meta?.labels ?? {},
    annotations: meta?.annotations ?? {},
  };
}

/** Whose a namespace is, for the lab `uid` in `operation`. The caller has matched the name. */
export function ownerOf(
  facts: NamespaceFacts,
  lab: { readonly instance: string; readonly uid: string; readonly operation: string; readonly user: string },
): NamespaceOwner {
  if (facts.instance === undefined) {
    return facts.category === 'lab' && facts.user === lab.user ? 'nublado' : 'foreign';
  }
  if (facts.instance !== lab.instance) return 'foreign';
  return facts.labUid === lab.uid && facts.operation === lab.operation ? 'this_operation' : 'remains';
}

/** A lab's namespace of ours, and of a time when `lab.namespacePrefix` was another. */
export const isElsewhere = (
  { instance, labUid, user, terminating, name }: NamespaceFacts,
  ours: { readonly instance: string; readonly namespacePrefix: string },
): boolean =>
  instance === ours.instance &&
  labUid !== undefined &&
  user !== undefined &&
  !terminating &&
  name !== `${ours.namespacePrefix}-${user}`;

/** Since when the kubelet of this node is not ready or not heard of; undefined while it reports that it is ready. */
export function silenceOf(node: V1Node): Instant | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return timeOf(ready?.lastTransitionTime) ?? identityOf(node).createdAt;
}

/** What a node has for pods in all, whoever uses it now. */
export function sizeOf(node: V1Node): Quantities {
  const { cpu = '0', memory = '0' } = node.status?.allocatable ?? {};
  const amount = (text: string): number => Number(parseQuantity(text)?.nanos ?? 0n) / 1e9;
  return { cpu: milliCpu(Math.floor(amount(cpu) * 1000)), memory: bytes(amount(memory)) };
}

/** What the rebuild rule looks at (contract 6.7.3); a whole pod is thirty times as large. */
export function slim(pod: V1Pod): LabRemains['pod'] {
  const containers = (pod.spec?.containers ?? []).map((container) => ({
    name: container.name,
    image: container.image,
    resources: container.resources,
    securityContext: container.securityContext,
  }));
  const kept: unknown = {
    metadata: { annotations: pod.metadata?.annotations },
    spec: { containers },
    status: { phase: pod.status?.phase },
  };
  return kept as LabRemains['pod'];
}

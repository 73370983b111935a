import type {
  V1Container,
  V1ContainerState,
  V1Ingress,
  V1Job,
  V1JobCondition,
  V1ObjectMeta,
  V1Pod,
  V1PodCondition,
  V1PodSecurityContext,
  V1PodStatus,
} from '@kubernetes/client-node';

import { apiTime } from '../common/api-time.js';
import { instant } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { KubeObject } from '../kubernetes/index.js';
import {
  CATEGORY_LABEL,
  CONTAINER,
  FILESERVER,
  INSTANCE,
  OPERATION,
  OWNER,
  USER_LABEL,
} from './fileserver.marks.js';
import { serverOfObject } from './fileserver.names.js';
import type { ObservedJob, ObservedServerPod, PartOwner, Reach } from './fileserver.observed.js';
import { GAFAELFAWR_INGRESSES, VERIFY_URL } from './objects/index.js';
import type { HttpRoute } from './objects/index.js';

/** What any object says of itself, as far as we ask. */
export interface PartFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: Instant;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Made, and made again, by Gafaelfawr of a resource that is not this object. */
  readonly derived: boolean;
}

export interface JobFacts extends PartFacts {
  readonly finished: ObservedJob['finished'];
  readonly asks: boolean;
  /** As whom its container runs, for an adoption. */
  readonly identity:
    { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | undefined;
}

export interface PodFacts {
  readonly jobName: string;
  readonly jobUid: string;
  readonly pod: ObservedServerPod;
}

export function partOf(object: KubeObject): PartFacts {
  const meta: Partial<V1ObjectMeta> = object.metadata ?? {};
  return {
    name: meta.name ?? '',
    uid: meta.uid ?? '',
    resourceVersion: meta.resourceVersion ?? '',
    createdAt: apiTime(meta.creationTimestamp) ?? instant(0),
    deleting: meta.deletionTimestamp !== undefined,
    labels: meta.labels ?? {},
    derived: (meta.ownerReferences ?? []).some(({ kind }) => kind === GAFAELFAWR_INGRESSES.kind),
  };
}

export const jobOf = (job: V1Job): JobFacts => ({
  ...partOf(job),
  finished: endOfJob(job.status?.conditions ?? []),
  asks: asksUs(job.spec?.template.spec?.containers ?? []),
  identity: identityOf(job.spec?.template.spec?.securityContext),
});

const asksUs = (containers: readonly V1Container[]): boolean =>
  containers.some(({ env }) => env?.some(({ name }) => name === VERIFY_URL));

function endOfJob(conditions: readonly V1JobCondition[]): JobFacts['finished'] {
  const is = (type: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === 'True');
  return is('Complete') ? 'complete' : is('Failed') ? 'failed' : undefined;
}

function identityOf(security: V1PodSecurityContext | undefined): JobFacts['identity'] {
  if (!security?.runAsUser || !security.runAsGroup) return undefined;
  return {
    uid: security.runAsUser,
    gid: security.runAsGroup,
    groups: security.supplementalGroups ?? [],
  };
}

export function podOf(pod: V1Pod): PodFacts {
  const { name, uid, createdAt, labels } = partOf(pod);
  return {
    jobName: labels['job-name'] ?? '',
    jobUid: pod.metadata?.ownerReferences?.find(({ kind }) => kind === 'Job')?.uid ?? '',
    pod: {
      name,
      uid,
      createdAt,
      node: pod.spec?.nodeName,
      deletingUntil: apiTime(pod.metadata?.deletionTimestamp),
      ...endOfPod(pod.status),
      ...conditionsOf(pod.status?.conditions ?? []),
      container: containerOf(pod),
    },
  };
}

const endOfPod = (
  status: V1PodStatus | undefined,
): Pick<ObservedServerPod, 'over' | 'overReason' | 'overMessage'> => ({
  over: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  overReason: status?.reason ?? '',
  overMessage: status?.message ?? '',
});

function conditionsOf(
  conditions: readonly V1PodCondition[],
): Pick<ObservedServerPod, 'ready' | 'unschedulable'> {
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  return {
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    unschedulable: scheduled?.status === 'False' ? (scheduled.message ?? '') : undefined,
  };
}

function containerOf({ spec, status }: V1Pod): ObservedServerPod['container'] {
  const image = spec?.containers.find(({ name }) => name === CONTAINER)?.image ?? '';
  const found = status?.containerStatuses?.find(({ name }) => name === CONTAINER);
  return { image, ...stateOf(found?.state ?? {}) };
}

function stateOf({
  waiting,
  running,
  terminated,
}: Partial<V1ContainerState>): Omit<ObservedServerPod['container'], 'image'> {
  const { reason = '', message = '' }: { reason?: string; message?: string } = terminated ?? waiting ?? {};
  const state = running ? 'running' : terminated ? 'terminated' : 'waiting';
  return { state, reason, message, exitCode: terminated?.exitCode };
}

/** A host name is as good an address as a number: some load balancers have nothing else. */
export function ingressReach(ingress: V1Ingress | undefined): Reach {
  const addresses = ingress?.status?.loadBalancer?.ingress ?? [];
  const open = addresses.some(({ ip, hostname }) => Boolean(ip) || Boolean(hostname));
  if (open) return { open, why: '' };
  return { open, why: ingress ? 'its Ingress has no address' : 'its Ingress does not exist' };
}

/** Open when some gateway has accepted the route and could resolve all that it names. */
export function routeReach(route: HttpRoute | undefined): Reach {
  if (!route) return { open: false, why: 'its HTTPRoute does not exist' };
  const parents = route.status?.parents ?? [];
  const conditions = parents.flatMap((parent) => parent.conditions ?? []);
  const bad = conditions.find(({ status }) => status === 'False');
  const accepted = parents.some(({ conditions: all = [] }) => {
    const is = (type: string, status: string): boolean =>
      all.some((one) => one.type === type && one.status === status);
    return is('Accepted', 'True') && !is('ResolvedRefs', 'False');
  });
  if (accepted) return { open: true, why: '' };
  return {
    open: false,
    why: bad ? `${bad.reason}: ${bad.message ?? ''}` : 'no gateway has accepted its route',
  };
}

/** Seen from whom an object is judged. */
export interface Viewer {
  readonly instance: string;
  readonly server: string;
  readonly uid: string;
  readonly operation: string;
}

/** Whose an object of a server's name is, by its labels. */
export function ownerOf(
  { labels, derived }: Pick<PartFacts, 'labels' | 'derived'>,
  viewer: Viewer,
): PartOwner {
  // Its maker would make it again: whoever wants it gone removes what it is made of.
  if (derived) return 'foreign';
  const instance = labels[INSTANCE];
  if (instance === undefined) {
    return labels[CATEGORY_LABEL] === FILESERVER && labels[USER_LABEL] === viewer.server
      ? 'nublado'
      : 'foreign';
  }
  if (instance !== viewer.instance) return 'foreign';
  return labels[OWNER] === viewer.uid && labels[OPERATION] === viewer.operation ? 'mine' : 'remains';
}

/** The pod that counts: of the Job, not over if there is such a one, the newest. */
export function mainPod(pods: readonly PodFacts[], jobUid: string): ObservedServerPod | undefined {
  const own = pods.filter((pod) => pod.jobUid === jobUid).map(({ pod }) => pod);
  const rank = (pod: ObservedServerPod): number =>
    (pod.over ? 0 : 2) + (pod.deletingUntil === undefined ? 1 : 0);
  const ranked = [...own].sort((a, b) => rank(b) - rank(a) || b.createdAt - a.createdAt);
  return ranked[0];
}

/** The server that an object belongs to by its name. */
export const serverOfPart = ({ name }: { readonly name: string }): readonly string[] => {
  const server = serverOfObject(name);
  return server === undefined ? [] : [server];
};

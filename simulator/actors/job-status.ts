import { timestamp } from './events.js';
import type { KubeObject, Pod, PodSpec } from './types.js';

interface JobCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastProbeTime: string;
  lastTransitionTime: string;
}

export interface Job extends KubeObject {
  spec: {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    podFailurePolicy?: { rules: FailureRule[] };
    podReplacementPolicy?: 'Failed' | 'TerminatingOrFailed';
    template: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: PodSpec;
    };
  };
  status?: JobStatus;
}

interface FailureRule {
  action: string;
  onPodConditions?: { type: string; status?: string }[];
}

interface JobStatus {
  active?: number;
  ready?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  startTime?: string;
  completionTime?: string;
  conditions?: JobCondition[];
}

/** The finalizer that keeps a Job's pod until it has been counted. */
export const tracking = 'batch.kubernetes.io/job-tracking';

export const isTerminal = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

export const isActive = (pod: Pod): boolean =>
  !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;

/** A Job with a failure policy must see how a pod ended; any other takes the beginning of the end for it. */
export const hasEnded = ({ spec }: Job, pod: Pod): boolean => {
  const { podFailurePolicy, podReplacementPolicy = podFailurePolicy ? 'Failed' : undefined } = spec;
  return podReplacementPolicy === 'Failed' ? isTerminal(pod) : !isActive(pod);
};

/** What the policy does not count as a failure. Rules about exit codes are not known here. */
export const isIgnored = ({ spec }: Job, { status }: Pod): boolean =>
  spec.podFailurePolicy?.rules.some(
    ({ action, onPodConditions = [] }) =>
      action === 'Ignore' &&
      onPodConditions.some((wanted) =>
        status?.conditions?.some(
          (each) => each.type === wanted.type && each.status === (wanted.status ?? 'True'),
        ),
      ),
  ) ?? false;

/** Whether the pod is still held back to be counted. */
export const isTracked = ({ metadata }: Pod): boolean => (metadata.finalizers ?? []).includes(tracking);

export const isFinished = ({ status }: Job): boolean =>
  status?.conditions?.some(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  ) ?? false;

export interface JobEnd {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

/** Whether the Job is over, by its counts, its pods' restarts and its age. */
export function endOf(
  job: Job,
  counts: { succeeded: number; failed: number },
  pods: Pod[],
): JobEnd | undefined {
  if (counts.succeeded >= (job.spec.completions ?? 1)) return reached;
  if (overLimit(job, counts.failed, pods)) return exceeded;
  return isLate(job) ? late : undefined;
}

const reached: JobEnd = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};
const exceeded: JobEnd = {
  type: 'Failed',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
const late: JobEnd = {
  type: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

/** Where containers are restarted in place, their restarts count instead of failed pods. */
function overLimit({ spec }: Job, failed: number, pods: Pod[]): boolean {
  const { backoffLimit = 6 } = spec;
  if (failed > backoffLimit) return true;
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = pods.filter(isActive).reduce((sum, pod) => sum + restartsOf(pod), 0);
  return restarts > 0 && restarts >= backoffLimit;
}

function isLate({ spec, status }: Job): boolean {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined) return false;
  return Date.now() - Date.parse(status.startTime) >= spec.activeDeadlineSeconds * 1000;
}

/** The status to write, or undefined where the Job shows it already. */
export function statusOfJob(
  job: Job,
  {
    pods,
    counts,
    end,
  }: { pods: Pod[]; counts: { succeeded: number; failed: number }; end: JobEnd | undefined },
): JobStatus | undefined {
  const active = end !== undefined || isFinished(job) ? [] : pods.filter(isActive);
  const status: JobStatus = {
    active: active.length,
    ready: active.filter(isReadyPod).length,
    terminating: pods.filter((each) => each.metadata.deletionTimestamp !== undefined && !isTerminal(each))
      .length,
    ...counts,
    startTime: job.status?.startTime ?? timestamp(),
    ...(end && { conditions: endConditions(end) }),
    ...(end?.type === 'Complete' && { completionTime: timestamp() }),
  };
  const before: Record<string, unknown> = { ...job.status };
  return Object.entries(status).every(([key, value]) => (before[key] ?? 0) === value) ? undefined : status;
}

/** The conditions of a Job that has ended; a real controller writes the target first, then the end. */
function endConditions({ type, reason, message }: JobEnd): JobCondition[] {
  const now = timestamp();
  const target = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  return [target, type].map((each) => ({
    type: each,
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  }));
}

/** The pod a Job creates next. The server usually has put the Job's labels into the template already. */
export function podOf(job: Job): object {
  const { name, namespace = 'default', uid } = job.metadata;
  const { metadata = {}, spec } = job.spec.template;
  const labels = {
    ...metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      // A name in the template counts for nothing: every pod gets one of the API server's making.
      name: undefined,
      generateName: `${name}-`,
      namespace,
      labels,
      finalizers: [tracking],
      ownerReferences: [owner],
    },
    spec,
  };
}

function restartsOf({ status }: Pod): number {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.reduce((sum, each) => sum + each.restartCount, 0);
}

const isReadyPod = ({ status }: Pod): boolean =>
  status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;

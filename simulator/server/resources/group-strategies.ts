import { badRequest } from '../api-error.js';
import type { FieldError } from '../field-error.js';
import { invalid, notSupported, required } from '../field-error.js';
import type { Fields, KubeObject } from '../objects.js';
import {
  ensureFields,
  fieldsOf,
  isSame,
  recordsOf,
  setDefault,
  textOf,
  textsOf,
  wordOf,
} from '../objects.js';
import { validatePodSpec } from '../validation/pod.js';
import { completePodSpec } from './pod-defaults.js';
import type { Strategy } from './resource.js';

const POLICY_TYPES = ['Ingress', 'Egress'];
const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

/** Deployments and their like: stored, with a template that is completed; nobody here acts on them. */
export const workloadStrategy: Partial<Strategy> = {
  generation: true,
  statusSubresource: true,
  complete: (object) => {
    const template = fieldsOf(fieldsOf(object['spec'])['template']);
    if (template['spec'] !== undefined) completePodSpec(fieldsOf(template['spec']));
  },
  create: (object) => {
    const spec = ensureFields(object, 'spec');
    if (object.kind !== 'DaemonSet') setDefault(spec, 'replicas', 1);
    object['status'] = {};
  },
  validate: (object) =>
    fieldsOf(object['spec'])['selector'] === undefined ? [required('spec.selector')] : [],
};

export const jobStrategy: Partial<Strategy> = {
  generation: true,
  statusSubresource: true,
  orphansByDefault: true,
  selectable: ['status.successful'],
  index: (job) => ({ 'status.successful': wordOf(fieldsOf(job['status'])['succeeded'], '0') }),
  complete: (job) => {
    const spec = ensureFields(job, 'spec');
    setDefault(spec, 'parallelism', 1);
    setDefault(spec, 'completions', 1);
    setDefault(spec, 'backoffLimit', 6);
    setDefault(spec, 'completionMode', 'NonIndexed');
    setDefault(spec, 'suspend', false);
    setDefault(spec, 'manualSelector', false);
    setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed');
    const template = fieldsOf(spec['template']);
    if (template['spec'] !== undefined) completePodSpec(fieldsOf(template['spec']));
  },
  create: (job) => {
    const spec = ensureFields(job, 'spec');
    const uid = job.metadata.uid ?? '';
    const marks = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': job.metadata.name,
      'controller-uid': uid,
      'job-name': job.metadata.name,
    };
    job['status'] = {};
    const metadata = ensureFields(ensureFields(spec, 'template'), 'metadata');
    if (spec['manualSelector'] !== true) {
      metadata['labels'] = { ...fieldsOf(metadata['labels']), ...marks };
      spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    }
    job.metadata.labels ??= metadata['labels'] as Record<string, string>;
  },
  update: (job, old) => {
    const [spec, before] = [ensureFields(job, 'spec'), fieldsOf(old['spec'])];
    for (const key of ['selector', 'completions']) setDefault(spec, key, before[key]);
  },
  validate: validateJob,
};

function validateJob(job: KubeObject, old?: KubeObject): FieldError[] {
  const spec = fieldsOf(fieldsOf(fieldsOf(job['spec'])['template'])['spec']);
  const errors = [...validatePodSpec(spec, 'spec.template.spec'), ...templateErrors(job, old)];
  if (textOf(spec['restartPolicy']) !== 'Always') return errors;
  return [...errors, required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"')];
}

/** The template of a job may change as little as the pods made from it. */
function templateErrors(job: KubeObject, old: KubeObject | undefined): FieldError[] {
  const [next, before] = [fieldsOf(job['spec'])['template'], old && fieldsOf(old['spec'])['template']];
  const isFree =
    fieldsOf(job['spec'])['suspend'] === true && fieldsOf(job['status'])['startTime'] === undefined;
  const fixed = (template: unknown): unknown =>
    isFree ? { ...fieldsOf(fieldsOf(template)['spec']), ...SCHEDULING } : template;
  if (before === undefined || isSame(fixed(next), fixed(before))) return [];
  return [invalid('spec.template', next, 'field is immutable')];
}

/** What of a suspended job's template may still change. */
const SCHEDULING = {
  nodeSelector: undefined,
  affinity: undefined,
  tolerations: undefined,
  schedulingGates: undefined,
};

export const ingressStrategy: Partial<Strategy> = {
  generation: true,
  statusSubresource: true,
  create: (ingress) => {
    ingress['status'] = { loadBalancer: {} };
  },
  validate: (ingress) => [
    ...ruleErrors(fieldsOf(ingress['spec'])),
    ...recordsOf(fieldsOf(ingress['spec'])['rules']).flatMap((rule, index) =>
      recordsOf(fieldsOf(rule['http'])['paths']).flatMap((path, at) =>
        path['pathType'] === undefined
          ? [required(`spec.rules[${index}].http.paths[${at}].pathType`, 'pathType must be specified')]
          : [],
      ),
    ),
  ],
};

function ruleErrors(spec: Fields): FieldError[] {
  if (spec['rules'] !== undefined || spec['defaultBackend'] !== undefined) return [];
  return [invalid('spec', undefined, 'either `defaultBackend` or `rules` must be specified')];
}

export const networkPolicyStrategy: Partial<Strategy> = {
  generation: true,
  complete: (policy) => {
    const spec = ensureFields(policy, 'spec');
    setDefault(spec, 'podSelector', {});
    setDefault(spec, 'policyTypes', ['Ingress', ...(spec['egress'] === undefined ? [] : ['Egress'])]);
    for (const rule of [...recordsOf(spec['ingress']), ...recordsOf(spec['egress'])]) {
      for (const port of recordsOf(rule['ports'])) setDefault(port, 'protocol', 'TCP');
    }
  },
  validate: (policy) =>
    textsOf(fieldsOf(policy['spec'])['policyTypes']).flatMap((type, index) =>
      POLICY_TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES)],
    ),
};

export const storageClassStrategy: Partial<Strategy> = {
  returnsDeleted: true,
  complete: (storageClass) => {
    setDefault(storageClass, 'reclaimPolicy', 'Delete');
    setDefault(storageClass, 'volumeBindingMode', 'Immediate');
  },
};

export const priorityClassStrategy: Partial<Strategy> = {
  generation: true,
  complete: (priorityClass) => setDefault(priorityClass, 'preemptionPolicy', 'PreemptLowerPriority'),
};

export const leaseStrategy: Partial<Strategy> = {
  unconditionalUpdate: false,
  createsOnUpdate: true,
  complete: (lease) => {
    const spec = fieldsOf(lease['spec']);
    for (const key of ['acquireTime', 'renewTime']) refuseBadMicroTime(spec[key]);
  },
  validate: (lease) => {
    const { leaseDurationSeconds: seconds, leaseTransitions: count } = fieldsOf(lease['spec']);
    return [
      ...(typeof seconds === 'number' && seconds <= 0
        ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
        : []),
      ...(typeof count === 'number' && count < 0
        ? [invalid('spec.leaseTransitions', count, 'must be greater than or equal to 0')]
        : []),
    ];
  },
};

/** Leases carry microseconds, neither more nor fewer digits. */
function refuseBadMicroTime(value: unknown): void {
  if (value === undefined || value === null || MICRO_TIME.test(textOf(value))) return;
  const text = textOf(value);
  const [tail, wanted] = /^\d{4}-/.test(text) ? [text.slice(19), '.000000'] : [text, '2006'];
  throw badRequest(
    `Lease in version "v1" cannot be handled as a Lease: parsing time "${text}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "${tail}" as "${wanted}"`,
  );
}

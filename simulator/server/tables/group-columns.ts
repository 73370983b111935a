import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf, recordsOf, textOf, wordOf } from '../objects.js';
import type { Column } from '../resources/resource.js';
import { AGE, column, humanAge, NAME } from './column.js';

const spec = (object: KubeObject): Fields => fieldsOf(object['spec']);
const status = (object: KubeObject): Fields => fieldsOf(object['status']);

function jobStatus(job: KubeObject): string {
  const holds = (type: string): boolean =>
    recordsOf(status(job)['conditions']).some((one) => one['type'] === type && one['status'] === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return holds('Suspended') ? 'Suspended' : 'Running';
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = textOf(status(job)['startTime']);
  if (start === '') return '';
  const end = textOf(status(job)['completionTime']);
  return humanAge(((end === '' ? nowMs : Date.parse(end)) - Date.parse(start)) / 1000);
}

function hosts(ingress: KubeObject): string {
  const names = recordsOf(spec(ingress)['rules']).map((rule) => textOf(rule['host']) || '*');
  return names.length === 0 ? '*' : names.join(',');
}

function addresses(ingress: KubeObject): string {
  const given = recordsOf(fieldsOf(status(ingress)['loadBalancer'])['ingress']);
  return given.map((one) => textOf(one['ip']) || textOf(one['hostname'])).join(',');
}

export const groupColumns = {
  deployment: [
    NAME,
    column(
      'Ready',
      (object) => `${wordOf(status(object)['readyReplicas'], '0')}/${wordOf(spec(object)['replicas'], '0')}`,
    ),
    column('Up-to-date', (object) => status(object)['updatedReplicas'] ?? 0),
    column('Available', (object) => status(object)['availableReplicas'] ?? 0),
    AGE,
  ],
  job: [
    NAME,
    column('Status', jobStatus),
    column(
      'Completions',
      (job) => `${wordOf(status(job)['succeeded'], '0')}/${wordOf(spec(job)['completions'], '1')}`,
    ),
    column('Duration', jobDuration),
    AGE,
  ],
  ingress: [
    NAME,
    column('Class', (object) => textOf(spec(object)['ingressClassName']) || '<none>'),
    column('Hosts', hosts),
    column('Address', addresses),
    column('Ports', (object) => (recordsOf(spec(object)['tls']).length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  networkPolicy: [
    NAME,
    column('Pod-Selector', (object) => {
      const labels = Object.entries(fieldsOf(fieldsOf(spec(object)['podSelector'])['matchLabels']));
      return labels.length === 0
        ? '<none>'
        : labels.map(([key, value]) => `${key}=${wordOf(value)}`).join(',');
    }),
    AGE,
  ],
  lease: [NAME, column('Holder', (object) => spec(object)['holderIdentity'] ?? ''), AGE],
  storageClass: [
    NAME,
    column('Provisioner', (object) => object['provisioner']),
    column('ReclaimPolicy', (object) => object['reclaimPolicy'] ?? 'Delete'),
    column('VolumeBindingMode', (object) => object['volumeBindingMode'] ?? 'Immediate'),
    column('AllowVolumeExpansion', (object) => object['allowVolumeExpansion'] ?? false),
    AGE,
  ],
  priorityClass: [
    NAME,
    column('Value', (object) => object['value']),
    column('Global-Default', (object) => object['globalDefault'] ?? false),
    AGE,
  ],
} satisfies Record<string, readonly Column[]>;

import type { FieldError } from '../field-error.js';
import { invalid } from '../field-error.js';
import type { KubeObject } from '../objects.js';
import { fieldsOf } from '../objects.js';
import { nanosOf } from '../quantity.js';

const STANDARD = new Set(
  [
    'cpu memory ephemeral-storage pods services secrets configmaps persistentvolumeclaims resourcequotas',
    'replicationcontrollers services.nodeports services.loadbalancers requests.cpu requests.memory',
    'requests.storage requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage',
  ].flatMap((line) => line.split(' ')),
);

/** The amounts of a quota: of known or qualified names, and not negative. */
export function validateQuota(quota: KubeObject): FieldError[] {
  return Object.entries(fieldsOf(fieldsOf(quota['spec'])['hard'])).flatMap(([name, value]) => {
    const field = `spec.hard[${name}]`;
    const isKnown = STANDARD.has(name) || name.includes('/') || /^(requests|limits)\.hugepages-/.test(name);
    return [
      ...(isKnown ? [] : UNKNOWN.map((text) => invalid(field, name, text))),
      ...(nanosOf(value) < 0n ? [invalid(field, value, 'must be greater than or equal to 0')] : []),
    ];
  });
}

const UNKNOWN = [
  'must be a standard resource type or fully qualified',
  'must be a standard resource for quota',
];

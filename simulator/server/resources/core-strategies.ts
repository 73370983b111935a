import { badRequest } from '../api-error.js';
import type { FieldError } from '../field-error.js';
import { forbiddenField, invalid, required } from '../field-error.js';
import type { Fields, KubeObject } from '../objects.js';
import { clone, ensureFields, fieldsOf, isSame, recordsOf, setDefault, textOf } from '../objects.js';
import { validateConfigMap, validateSecret } from '../validation/config.js';
import { validatePod } from '../validation/pod.js';
import { portNumberErrors } from '../validation/port.js';
import { validateQuota } from '../validation/quota.js';
import { canonicalResources } from './canonical.js';
import { completePodSpec, qosOf } from './pod-defaults.js';
import type { Strategy } from './resource.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const podStrategy: Partial<Strategy> = {
  generation: true,
  returnsDeleted: true,
  statusSubresource: true,
  selectable: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  index: (pod) => {
    const [spec, status] = [fieldsOf(pod['spec']), fieldsOf(pod['status'])];
    return {
      'spec.nodeName': textOf(spec['nodeName']),
      'spec.restartPolicy': textOf(spec['restartPolicy']),
      'spec.schedulerName': textOf(spec['schedulerName']),
      'spec.serviceAccountName': textOf(spec['serviceAccountName']),
      'status.phase': textOf(status['phase']),
      'status.podIP': textOf(status['podIP']),
    };
  },
  complete: (pod) => {
    const spec = ensureFields(pod, 'spec');
    setDefault(spec, 'enableServiceLinks', true);
    completePodSpec(spec);
    const status = fieldsOf(pod['status']);
    for (const condition of recordsOf(status['conditions'])) {
      condition['lastProbeTime'] ??= null;
      condition['lastTransitionTime'] ??= null;
    }
    if (textOf(status['podIP']) !== '') setDefault(status, 'podIPs', [{ ip: status['podIP'] }]);
  },
  create: (pod) => {
    pod['status'] = { phase: 'Pending', qosClass: qosOf(pod) };
  },
  validate: validatePod,
};

export const namespaceStrategy: Partial<Strategy> = {
  nameRule: 'label',
  returnsDeleted: false,
  statusSubresource: true,
  selectable: ['status.phase'],
  index: (namespace) => ({ 'status.phase': textOf(fieldsOf(namespace['status'])['phase']) }),
  complete: (namespace) => {
    const { metadata } = namespace;
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  create: (namespace) => {
    namespace['spec'] = { finalizers: ['kubernetes'] };
    namespace['status'] = { phase: 'Active' };
  },
  update: (namespace, old) => {
    namespace['spec'] = clone(old['spec']);
  },
};

export const secretStrategy: Partial<Strategy> = {
  selectable: ['type'],
  index: (secret) => ({ type: textOf(secret['type']) }),
  complete: (secret) => {
    const plain = Object.entries(fieldsOf(secret['stringData']));
    delete secret['stringData'];
    if (plain.length > 0) {
      const data = ensureFields(secret, 'data');
      for (const [key, value] of plain) data[key] = Buffer.from(String(value)).toString('base64');
    }
    for (const value of Object.values(fieldsOf(secret['data']))) refuseBadBase64(value);
    setDefault(secret, 'type', 'Opaque');
  },
  validate: validateSecret,
};

function refuseBadBase64(value: unknown): void {
  const text = textOf(value);
  if (BASE64.test(text)) return;
  const place = /[^A-Za-z0-9+/]/.exec(text)?.index ?? text.length;
  const why = `illegal base64 data at input byte ${place}`;
  throw badRequest(`Secret in version "v1" cannot be handled as a Secret: ${why}`);
}

export const configMapStrategy: Partial<Strategy> = { validate: validateConfigMap };

export const serviceStrategy: Partial<Strategy> = {
  nameRule: 'label1035',
  returnsDeleted: true,
  statusSubresource: true,
  selectable: ['spec.clusterIP', 'spec.type'],
  index: (service) => {
    const spec = fieldsOf(service['spec']);
    return { 'spec.clusterIP': textOf(spec['clusterIP']), 'spec.type': textOf(spec['type']) };
  },
  complete: (service) => {
    const spec = ensureFields(service, 'spec');
    setDefault(spec, 'type', 'ClusterIP');
    setDefault(spec, 'sessionAffinity', 'None');
    for (const port of recordsOf(spec['ports'])) {
      setDefault(port, 'protocol', 'TCP');
      setDefault(port, 'targetPort', port['port']);
    }
    if (spec['type'] !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  },
  create: (service, context) => {
    const spec = ensureFields(service, 'spec');
    service['status'] = { loadBalancer: {} };
    if (spec['type'] === 'ExternalName') return;
    const address = context.takeServiceAddress(textOf(spec['clusterIP']));
    Object.assign(spec, { clusterIP: address, clusterIPs: [address] });
    // Nobody serves a headless service without a selector, so that it may have any family.
    const isAnyFamily = address === 'None' && spec['selector'] === undefined;
    setDefault(spec, 'ipFamilies', isAnyFamily ? ['IPv4', 'IPv6'] : ['IPv4']);
    setDefault(spec, 'ipFamilyPolicy', isAnyFamily ? 'RequireDualStack' : 'SingleStack');
    if (spec['type'] !== 'NodePort' && spec['type'] !== 'LoadBalancer') return;
    setDefault(spec, 'externalTrafficPolicy', 'Cluster');
    if (spec['type'] === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
    for (const port of recordsOf(spec['ports'])) setDefault(port, 'nodePort', context.takeNodePort());
  },
  update: (service, old) => {
    const [spec, before] = [ensureFields(service, 'spec'), fieldsOf(old['spec'])];
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'])
      setDefault(spec, key, before[key]);
  },
  validate: (service, old) => {
    const spec = fieldsOf(service['spec']);
    const before = old && fieldsOf(old['spec'])['clusterIP'];
    const isHeadless = spec['clusterIP'] === 'None' || spec['type'] === 'ExternalName';
    if (recordsOf(spec['ports']).length === 0 && !isHeadless) return [required('spec.ports')];
    if (old && before !== spec['clusterIP']) {
      return [invalid('spec.clusterIPs[0]', [spec['clusterIP']], 'may not change once set')];
    }
    return portErrors(recordsOf(spec['ports']));
  },
};

function portErrors(ports: readonly Fields[]): FieldError[] {
  return ports.flatMap((port, index) => [
    ...(ports.length > 1 && textOf(port['name']) === '' ? [required(`spec.ports[${index}].name`)] : []),
    ...portNumberErrors(port['port'], `spec.ports[${index}].port`),
    ...portNumberErrors(port['targetPort'], `spec.ports[${index}].targetPort`),
  ]);
}

export const claimStrategy: Partial<Strategy> = {
  returnsDeleted: true,
  statusSubresource: true,
  complete: (claim) => {
    canonicalResources(claim, 'PersistentVolumeClaim');
    setDefault(ensureFields(claim, 'spec'), 'volumeMode', 'Filesystem');
  },
  create: (claim) => {
    claim['status'] = { phase: 'Pending' };
  },
  validate: (claim, old) => {
    const spec = fieldsOf(claim['spec']);
    if (old && !isSame(fixedPart(spec), fixedPart(fieldsOf(old['spec']))))
      return [forbiddenField('spec', CLAIM_TEXT)];
    const storage = fieldsOf(fieldsOf(spec['resources'])['requests'])['storage'];
    return [
      ...(recordsLength(spec['accessModes']) === 0
        ? [required('spec.accessModes', 'at least 1 access mode is required')]
        : []),
      ...(storage === undefined ? [required('spec.resources[storage]')] : []),
    ];
  },
};

const CLAIM_TEXT =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** What of a claim can't change. The binder may still fill in the volume and the class. */
function fixedPart(spec: Fields): Fields {
  const { accessModes, selector, volumeMode, dataSource } = spec;
  return { accessModes, selector, volumeMode, dataSource };
}

function recordsLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

export const volumeStrategy: Partial<Strategy> = {
  returnsDeleted: true,
  statusSubresource: true,
  complete: (volume: KubeObject) => {
    canonicalResources(volume, 'PersistentVolume');
    const spec = ensureFields(volume, 'spec');
    setDefault(spec, 'volumeMode', 'Filesystem');
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
  },
  create: (volume) => {
    volume['status'] = { phase: 'Pending' };
  },
};

export const quotaStrategy: Partial<Strategy> = {
  returnsDeleted: true,
  statusSubresource: true,
  complete: (quota) => canonicalResources(quota, 'ResourceQuota'),
  create: (quota) => {
    quota['status'] = {};
  },
  validate: validateQuota,
};

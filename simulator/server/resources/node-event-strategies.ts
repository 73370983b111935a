import { invalid } from '../field-error.js';
import { ensureFields, fieldsOf, setDefault, textOf, wordOf } from '../objects.js';
import { canonicalResources } from './canonical.js';
import type { Strategy } from './resource.js';

const NODE_INFO = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
];

export const nodeStrategy: Partial<Strategy> = {
  statusSubresource: true,
  selectable: ['spec.unschedulable'],
  index: (node) => ({ 'spec.unschedulable': wordOf(fieldsOf(node['spec'])['unschedulable'], 'false') }),
  complete: (node) => {
    ensureFields(node, 'spec');
    const status = ensureFields(node, 'status');
    canonicalResources(status, 'Node');
    setDefault(status, 'daemonEndpoints', { kubeletEndpoint: { Port: 0 } });
    const info = ensureFields(status, 'nodeInfo');
    for (const key of NODE_INFO) setDefault(info, key, '');
  },
};

const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

export const eventStrategy: Partial<Strategy> = {
  createsOnUpdate: true,
  selectable: [
    ...EVENT_FIELDS.map((field) => `involvedObject.${field}`),
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  index: (event) => {
    const about = fieldsOf(event['involvedObject']);
    const component = textOf(fieldsOf(event['source'])['component']);
    return {
      ...Object.fromEntries(EVENT_FIELDS.map((field) => [`involvedObject.${field}`, textOf(about[field])])),
      reason: textOf(event['reason']),
      reportingComponent: textOf(event['reportingComponent']),
      source: component === '' ? textOf(event['reportingComponent']) : component,
      type: textOf(event['type']),
    };
  },
  complete: (event) => {
    for (const key of ['eventTime', 'firstTimestamp', 'lastTimestamp']) event[key] ??= null;
    setDefault(event, 'reportingComponent', '');
    setDefault(event, 'reportingInstance', '');
    ensureFields(event, 'source');
  },
  validate: (event) => {
    const about = textOf(fieldsOf(event['involvedObject'])['namespace']);
    const own = event.metadata.namespace ?? '';
    const isClusterScoped = about === '' && own === 'default';
    if (about === own || isClusterScoped) return [];
    return [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
  },
};

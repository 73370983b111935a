import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf, itemsOf, recordsOf, textOf, wordOf } from '../objects.js';
import type { Column } from '../resources/resource.js';
import { AGE, ageOf, column, CREATED_AT, NAME } from './column.js';
import { podColumns } from './pod-columns.js';

const NONE = '<none>';

const spec = (object: KubeObject): Fields => fieldsOf(object['spec']);
const status = (object: KubeObject): Fields => fieldsOf(object['status']);
const count = (value: unknown): number => Object.keys(fieldsOf(value)).length;

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function modes(value: unknown): string {
  return itemsOf(value)
    .map((mode) => MODES[textOf(mode)] ?? '')
    .join(',');
}

function ports(object: KubeObject): string {
  const texts = recordsOf(spec(object)['ports']).map((port) => {
    const node = port['nodePort'] === undefined ? '' : `:${wordOf(port['nodePort'])}`;
    return `${wordOf(port['port'])}${node}/${textOf(port['protocol'])}`;
  });
  return texts.length === 0 ? NONE : texts.join(',');
}

function externalAddress(object: KubeObject): string {
  const given = recordsOf(fieldsOf(status(object)['loadBalancer'])['ingress']);
  const texts = given.map((one) => textOf(one['ip']) || textOf(one['hostname']));
  if (texts.length > 0) return texts.join(',');
  return spec(object)['type'] === 'LoadBalancer' ? '<pending>' : NONE;
}

function selectorText(value: unknown): string {
  const pairs = Object.entries(fieldsOf(value)).map(([key, wanted]) => `${key}=${wordOf(wanted)}`);
  return pairs.length === 0 ? NONE : pairs.join(',');
}

function nodeStatus(node: KubeObject): string {
  const ready = recordsOf(status(node)['conditions']).find((condition) => condition['type'] === 'Ready');
  const word = ready ? (ready['status'] === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec(node)['unschedulable'] === true ? `${word},SchedulingDisabled` : word;
}

function nodeRoles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return roles.length === 0 ? NONE : roles.map((label) => label.slice(prefix.length)).join(',');
}

function eventObject(event: KubeObject): string {
  const about = fieldsOf(event['involvedObject']);
  return `${textOf(about['kind']).toLowerCase()}/${textOf(about['name'])}`;
}

function quotaText(side: string): Column['cell'] {
  return (quota) => {
    const { hard, used } = status(quota);
    return Object.entries(fieldsOf(hard))
      .filter(([name]) => name.startsWith('limits.') === (side === 'limit'))
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, value]) => `${name}: ${wordOf(fieldsOf(used)[name])}/${wordOf(value)}`)
      .join(', ');
  };
}

const claimSize = (claim: KubeObject): unknown => fieldsOf(status(claim)['capacity'])['storage'] ?? '';
const claimOf = (volume: KubeObject): string => {
  const ref = fieldsOf(spec(volume)['claimRef']);
  return ref['name'] === undefined ? '' : `${textOf(ref['namespace'])}/${textOf(ref['name'])}`;
};

export const coreColumns = {
  pod: podColumns,
  created: [NAME, CREATED_AT],
  namespace: [NAME, column('Status', (object) => status(object)['phase']), AGE],
  service: [
    NAME,
    column('Type', (object) => spec(object)['type']),
    column('Cluster-IP', (object) => textOf(spec(object)['clusterIP']) || NONE),
    column('External-IP', externalAddress),
    column('Port(s)', ports),
    AGE,
    column('Selector', (object) => selectorText(spec(object)['selector']), { priority: 1 }),
  ],
  configMap: [NAME, column('Data', (object) => count(object['data']) + count(object['binaryData'])), AGE],
  secret: [
    NAME,
    column('Type', (object) => object['type']),
    column('Data', (object) => count(object['data'])),
    AGE,
  ],
  serviceAccount: [
    NAME,
    column('Secrets', (object) => itemsOf(object['secrets']).length, { type: 'integer' }),
    AGE,
  ],
  claim: [
    NAME,
    column('Status', (object) =>
      object.metadata.deletionTimestamp ? 'Terminating' : status(object)['phase'],
    ),
    column('Volume', (object) => textOf(spec(object)['volumeName'])),
    column('Capacity', claimSize),
    column('Access Modes', (object) => modes(status(object)['accessModes'])),
    column('StorageClass', (object) => textOf(spec(object)['storageClassName'])),
    AGE,
  ],
  volume: [
    NAME,
    column('Capacity', (object) => fieldsOf(spec(object)['capacity'])['storage'] ?? ''),
    column('Access Modes', (object) => modes(spec(object)['accessModes'])),
    column('Reclaim Policy', (object) => spec(object)['persistentVolumeReclaimPolicy']),
    column('Status', (object) => status(object)['phase']),
    column('Claim', claimOf),
    column('StorageClass', (object) => textOf(spec(object)['storageClassName'])),
    AGE,
  ],
  node: [
    NAME,
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    AGE,
    column('Version', (object) => textOf(fieldsOf(status(object)['nodeInfo'])['kubeletVersion'])),
    column(
      'Internal-IP',
      (object) => {
        const found = recordsOf(status(object)['addresses']).find(
          (address) => address['type'] === 'InternalIP',
        );
        return textOf(found?.['address']) || NONE;
      },
      { priority: 1 },
    ),
  ],
  event: [
    column('Last Seen', (event, nowMs) =>
      ageOf(event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp, nowMs),
    ),
    column('Type', (event) => event['type']),
    column('Reason', (event) => event['reason']),
    column('Object', eventObject),
    column('Source', (event) => textOf(fieldsOf(event['source'])['component']), { priority: 1 }),
    column('Message', (event) => textOf(event['message']).trim()),
    column('Count', (event) => event['count'] ?? 1, { priority: 1 }),
    column('Name', (event) => event.metadata.name, { priority: 1, format: 'name' }),
  ],
  quota: [NAME, column('Request', quotaText('request')), column('Limit', quotaText('limit')), AGE],
} satisfies Record<string, readonly Column[]>;

import type { Fields, KubeObject } from '../objects.js';
import { ensureFields, fieldsOf, recordsOf, setDefault, textOf } from '../objects.js';
import { canonicalResources } from './canonical.js';

const FILE_MODE = 420;

/** The defaults a pod, or the template of one, gets from the API server. */
export function completePodSpec(spec: Fields): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'securityContext', {});
  setDefault(spec, 'schedulerName', 'default-scheduler');
  for (const container of [...recordsOf(spec['initContainers']), ...recordsOf(spec['containers'])]) {
    completeContainer(container);
  }
  recordsOf(spec['volumes']).forEach(completeVolume);
}

function completeContainer(container: Fields): void {
  const image = textOf(container['image']);
  const isLatest = !image.includes('@') && (!/:[^/]+$/.test(image) || image.endsWith(':latest'));
  ensureFields(container, 'resources');
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(container, 'imagePullPolicy', isLatest ? 'Always' : 'IfNotPresent');
  for (const port of recordsOf(container['ports'])) setDefault(port, 'protocol', 'TCP');
  recordsOf(container['env']).forEach(completeVariable);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    completeProbe(fieldsOf(container[probe]));
  canonicalResources(fieldsOf(container['resources']));
  requestsFromLimits(fieldsOf(container['resources']));
}

/** What is limited and not requested is requested in full. */
function requestsFromLimits(resources: Fields): void {
  const limits = fieldsOf(resources['limits']);
  if (Object.keys(limits).length === 0) return;
  const requests = ensureFields(resources, 'requests');
  for (const [name, value] of Object.entries(limits)) setDefault(requests, name, value);
}

function completeProbe(probe: Fields): void {
  if (Object.keys(probe).length === 0) return;
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  const get = fieldsOf(probe['httpGet']);
  if (Object.keys(get).length > 0) setDefault(get, 'scheme', 'HTTP');
}

function completeVariable(variable: Fields): void {
  if (variable['value'] === '') delete variable['value'];
  const source = fieldsOf(variable['valueFrom']);
  completeFieldRef(source);
  if (source['resourceFieldRef'] !== undefined)
    setDefault(fieldsOf(source['resourceFieldRef']), 'divisor', '0');
}

function completeFieldRef(source: Fields): void {
  const ref = fieldsOf(source['fieldRef']);
  if (Object.keys(ref).length > 0) setDefault(ref, 'apiVersion', 'v1');
}

function completeVolume(volume: Fields): void {
  const kinds = ['name', ...Object.keys(volume).filter((key) => key !== 'name')];
  if (kinds.length === 1) volume['emptyDir'] = {};
  for (const key of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = fieldsOf(volume[key]);
    if (volume[key] !== undefined) setDefault(source, 'defaultMode', FILE_MODE);
    for (const item of recordsOf(source['items'])) completeFieldRef(item);
  }
  const hostPath = volume['hostPath'];
  if (hostPath !== undefined) setDefault(fieldsOf(hostPath), 'type', '');
  const emptyDir = fieldsOf(volume['emptyDir']);
  canonicalResources({ emptyDir });
  for (const source of recordsOf(fieldsOf(volume['projected'])['sources'])) {
    for (const item of recordsOf(fieldsOf(source['downwardAPI'])['items'])) completeFieldRef(item);
  }
}

type Quality = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Quality of service: what the scheduler and the kernel make of requests and limits. */
export function qosOf(pod: KubeObject): Quality {
  const spec = fieldsOf(pod['spec']);
  const containers = [...recordsOf(spec['containers']), ...recordsOf(spec['initContainers'])];
  const resources = containers.map((container) => fieldsOf(container['resources']));
  const amounts = resources.flatMap((one) => [fieldsOf(one['requests']), fieldsOf(one['limits'])]);
  if (amounts.every((amount) => amount['cpu'] === undefined && amount['memory'] === undefined))
    return 'BestEffort';
  const isFull = resources.every((one) =>
    ['cpu', 'memory'].every((name) => {
      const limit = fieldsOf(one['limits'])[name];
      return limit !== undefined && limit === fieldsOf(one['requests'])[name];
    }),
  );
  return isFull ? 'Guaranteed' : 'Burstable';
}

import { forbidden } from '../api-error.js';
import type { Context } from '../context.js';
import type { Fields, KubeObject } from '../objects.js';
import { ensureFields, fieldsOf, recordsOf, setDefault, textOf } from '../objects.js';
import { randomSuffix } from '../suffix.js';

const PODS = { group: '', plural: 'pods' };
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const EVICTION_DELAY_S = 300;
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Service account, tolerations and priority, as the stock admission plugins give them. Throws 403. */
export function admitPod(context: Context, pod: KubeObject): void {
  const spec = ensureFields(pod, 'spec');
  admitServiceAccount(context, pod, spec);
  addTolerations(spec);
  admitPriority(context, pod, spec);
}

function admitServiceAccount(context: Context, pod: KubeObject, spec: Fields): void {
  setDefault(spec, 'serviceAccountName', textOf(spec['serviceAccount']) || 'default');
  spec['serviceAccount'] = spec['serviceAccountName'];
  const name = textOf(spec['serviceAccountName']);
  const namespace = pod.metadata.namespace ?? '';
  const account = context.find('serviceaccounts', namespace, name);
  if (!account) {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(PODS, calledOf(pod), why);
  }
  const mounts = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
  if (mounts !== false) mountToken(spec);
  if (spec['imagePullSecrets'] === undefined && account['imagePullSecrets'] !== undefined) {
    spec['imagePullSecrets'] = account['imagePullSecrets'];
  }
}

/** Whoever admits a pod that the API server is to name knows only how its name begins. */
const calledOf = ({ metadata }: KubeObject): string => metadata.name || (metadata.generateName ?? '');

function mountToken(spec: Fields): void {
  const containers = [...recordsOf(spec['initContainers']), ...recordsOf(spec['containers'])];
  const isMounted = (container: Fields): boolean =>
    recordsOf(container['volumeMounts']).some((mount) => mount['mountPath'] === TOKEN_PATH);
  const needy = containers.filter((container) => !isMounted(container));
  if (needy.length === 0) return;
  const name = `kube-api-access-${randomSuffix()}`;
  for (const container of needy) {
    const mount = { name, readOnly: true, mountPath: TOKEN_PATH };
    container['volumeMounts'] = [...recordsOf(container['volumeMounts']), mount];
  }
  spec['volumes'] = [...recordsOf(spec['volumes']), { name, projected: tokenSources() }];
}

function tokenSources(): Fields {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [namespace] } },
    ],
    defaultMode: 420,
  };
}

function addTolerations(spec: Fields): void {
  const tolerations = recordsOf(spec['tolerations']);
  const tolerates = (key: string): boolean =>
    tolerations.some(
      (toleration) =>
        (toleration['key'] === key || toleration['key'] === undefined) &&
        (toleration['effect'] === 'NoExecute' || toleration['effect'] === undefined),
    );
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerates(key))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: EVICTION_DELAY_S }));
  if (added.length > 0) spec['tolerations'] = [...tolerations, ...added];
}

function admitPriority(context: Context, pod: KubeObject, spec: Fields): void {
  const name = textOf(spec['priorityClassName']);
  const known = SYSTEM_PRIORITIES[name];
  const priorityClass = name === '' ? undefined : context.find('priorityclasses.scheduling.k8s.io', '', name);
  if (name !== '' && known === undefined && !priorityClass) {
    throw forbidden(PODS, calledOf(pod), `no PriorityClass with name ${name} was found`);
  }
  spec['priority'] = known ?? priorityClass?.['value'] ?? 0;
  setDefault(spec, 'preemptionPolicy', fieldsOf(priorityClass)['preemptionPolicy'] ?? 'PreemptLowerPriority');
}

import { forbidden } from '../api-error.js';
import type { Cluster } from '../cluster.js';
import type { Target } from '../handlers/target.js';
import { isDryRun } from '../http/request.js';
import type { Fields, KubeObject } from '../objects.js';
import { clone, fieldsOf, isSame, recordsOf, wordOf } from '../objects.js';
import { formatNanos, nanosOf } from '../quantity.js';
import type { Usage } from './quota-usage.js';
import { resourcesOf, usageOf } from './quota-usage.js';

const QUOTAS = 'resourcequotas';
const PER_CONTAINER = /^(?:(requests|limits)\.)?(cpu|memory)$/;

/** Refuses what would exceed a quota of the namespace (403), and counts what is let in. */
export function enforceQuota(target: Target, object: KubeObject): void {
  const { cluster, resource, path } = target;
  if (!resource.namespaced || cluster.store.table(QUOTAS).list(path.namespace).length === 0) return;
  const quotas = cluster.list(QUOTAS, path.namespace);
  const usage = usageOf(resource.storage, object);
  for (const quota of quotas) {
    refuseUnspecified(target, object, quota);
    refuseExcess(target, object, { quota, usage });
  }
  if (isDryRun(target.request)) return;
  for (const quota of quotas) addUsage(cluster, quota, usage);
}

/** A pod under a quota for cpu or memory must say how much, in every container. */
function refuseUnspecified({ resource }: Target, object: KubeObject, quota: KubeObject): void {
  if (resource.storage !== 'pods') return;
  const spec = fieldsOf(object['spec']);
  const containers = [...recordsOf(spec['containers']), ...recordsOf(spec['initContainers'])];
  const missing = Object.keys(hardOf(quota))
    .sort()
    .flatMap((name) => {
      const match = PER_CONTAINER.exec(name);
      if (!match) return [];
      const silent = containers.filter(
        (one) => resourcesOf(one, match[1] ?? 'requests')[match[2] ?? ''] === undefined,
      );
      return silent.length === 0
        ? []
        : [`${name} for: ${[...new Set(silent.map((one) => String(one['name'])))].join(',')}`];
    });
  if (missing.length === 0) return;
  const why = `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`;
  throw forbidden(resource, object.metadata.name, why);
}

function refuseExcess(
  { resource }: Target,
  object: KubeObject,
  { quota, usage }: { quota: KubeObject; usage: Usage },
): void {
  const hard = hardOf(quota);
  const used = fieldsOf(fieldsOf(quota['status'])['used']);
  const exceeded = Object.keys(hard)
    .filter((name) => (usage.get(name) ?? 0n) > 0n)
    .filter((name) => nanosOf(used[name]) + (usage.get(name) ?? 0n) > nanosOf(hard[name]))
    .sort();
  if (exceeded.length === 0) return;
  const show = (value: (name: string) => string): string =>
    exceeded.map((name) => `${name}=${value(name)}`).join(',');
  const why = [
    `exceeded quota: ${quota.metadata.name}`,
    `requested: ${show((name) => formatNanos(usage.get(name) ?? 0n, hard[name]))}`,
    `used: ${show((name) => wordOf(used[name], '0'))}`,
    `limited: ${show((name) => wordOf(hard[name]))}`,
  ].join(', ');
  throw forbidden(resource, object.metadata.name, why);
}

function addUsage(cluster: Cluster, quota: KubeObject, usage: Usage): void {
  const hard = hardOf(quota);
  const status = fieldsOf(quota['status']);
  const used: Fields = { ...fieldsOf(status['used']) };
  for (const name of Object.keys(hard)) {
    const added = usage.get(name) ?? 0n;
    used[name] = formatNanos(nanosOf(used[name]) + added, hard[name]);
  }
  if (isSame(used, status['used'])) return;
  cluster.write(QUOTAS, { ...clone(quota), status: { hard: clone(hard), used } });
}

/** Counts a namespace anew: after something went, ended, or a quota was made or changed. */
export function recountQuotas(cluster: Cluster, namespace: string): void {
  for (const quota of cluster.list(QUOTAS, namespace)) {
    const hard = hardOf(quota);
    const totals = totalsOf(cluster, namespace, hard);
    const used = Object.fromEntries(
      Object.keys(hard).map((name) => [name, formatNanos(totals.get(name) ?? 0n, hard[name])]),
    );
    const status = { hard: clone(hard), used };
    if (!isSame(status, quota['status'])) cluster.write(QUOTAS, { ...quota, status });
  }
}

function totalsOf(cluster: Cluster, namespace: string, hard: Fields): Usage {
  const totals: Usage = new Map();
  const storages = storagesOf(Object.keys(hard));
  const usages = storages.flatMap((storage) =>
    cluster.list(storage, namespace).map((object) => usageOf(storage, object)),
  );
  for (const [name, nanos] of usages.flatMap((usage) => [...usage]))
    totals.set(name, (totals.get(name) ?? 0n) + nanos);
  return totals;
}

function hardOf(quota: KubeObject): Fields {
  return fieldsOf(fieldsOf(quota['spec'])['hard']);
}

function storagesOf(names: readonly string[]): string[] {
  const storages = names.map((name) => {
    if (name.startsWith('count/')) return name.slice('count/'.length);
    if (name.includes('storage') || name === 'persistentvolumeclaims') return 'persistentvolumeclaims';
    return ['services', 'secrets', 'configmaps', QUOTAS].includes(name) ? name : 'pods';
  });
  return [...new Set(storages)];
}

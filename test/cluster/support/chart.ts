import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Api, Thing } from './api.js';
import { isCi } from './closers.js';
import { asAccount } from './rights.js';
import type { SharedCluster } from './shared-cluster.js';

const run = promisify(execFile);

const CHART = 'helm/berth';

/** What the chart's templates make; the field names are Kubernetes' own. */
export type Rendered = Thing & { readonly apiVersion: string; readonly kind: string };

/** Where `.ci/run` keeps a helm, or the one that a person names. */
const HELM = process.env.BERTH_HELM ?? join('.cache', 'kubectl', 'helm');

/** Whether the chart can be rendered here. In CI a missing helm is a failure of the first spec that needs it. */
export const hasHelm = (): boolean => existsSync(HELM) || isCi();

/** What a real helm makes of the chart in this namespace; `set` are values as in `--set`. Throws what helm said. */
export async function renderChart(
  namespace: string,
  set: Readonly<Record<string, string>> = {},
): Promise<readonly Rendered[]> {
  const values = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const { stdout } = await run(HELM, ['template', 'berth', CHART, '--namespace', namespace, ...values]);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((each) => each !== null);
}

/** Installs what helm rendered, as `helm install` does; answers a cluster as `grantRights` does. */
export async function installChart(
  api: Api,
  cluster: SharedCluster,
  namespace: string,
  set: Readonly<Record<string, string>>,
): Promise<SharedCluster> {
  const objects = await renderChart(namespace, set);
  for (const each of objects) await api.make(pathOf(each), each);
  return asAccount(api, cluster, namespace, set['serviceAccount.name']);
}

const PLURALS: Readonly<Record<string, string>> = {
  GafaelfawrIngress: 'gafaelfawringresses',
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
};

/** Where objects of this kind are created. */
export function pathOf({ apiVersion, kind, metadata }: Rendered): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${scope}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}`;
}

import type { Cluster } from '../../simulator/cluster.js';

const PREFIX = 'userlabs';
/** On all objects (contract 5.1). */
const ARGO = {
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false',
};

export interface NubladoLab {
  readonly user: string;
  /** `registry/repository:tag@digest` */
  readonly image: string;
  readonly limits?: { readonly cpu: string; readonly memory: number };
  readonly requests?: { readonly cpu: string; readonly memory: number };
  /** Of the ConfigMap, besides what every lab has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly quota?: Readonly<Record<string, string>>;
  readonly gid?: number;
  readonly groups?: readonly { readonly name: string; readonly id: number }[];
  /** Left out, as by a spawn that was cut off. */
  readonly without?: 'environment' | 'pod' | 'notebook';
}

const GI = 1024 ** 3;

/** The objects of contract 5 that its rebuild rule reads, written down from there and not made by our builders. */
export async function makeNubladoLab(cluster: Cluster, lab: NubladoLab): Promise<void> {
  const namespace = `${PREFIX}-${lab.user}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const labels = { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': lab.user };
  const metadata = (name: string, annotations = {}): object => ({
    name,
    labels,
    annotations: { ...ARGO, ...annotations },
  });
  await post(cluster, '/api/v1/namespaces', { metadata: metadata(namespace) });
  if (lab.without !== 'environment') {
    const data = environmentOf(lab);
    await post(cluster, `${core}/configmaps`, {
      metadata: metadata(`${lab.user}-nb-env`),
      immutable: true,
      data,
    });
  }
  if (lab.quota)
    await post(cluster, `${core}/resourcequotas`, {
      metadata: metadata(`${lab.user}-nb`),
      spec: { hard: lab.quota },
    });
  await post(cluster, `${core}/services`, {
    metadata: metadata('lab'),
    spec: { selector: labels, ports: [{ port: 8888, targetPort: 8888 }] },
  });
  await post(cluster, `${core}/serviceaccounts`, { metadata: { name: 'default' } }).catch(() => undefined);
  if (lab.without === 'pod') return;
  const annotations = {
    'nublado.lsst.io/user-groups': JSON.stringify(groupsOf(lab)),
    ...(lab.name === undefined ? {} : { 'nublado.lsst.io/user-name': lab.name }),
  };
  await post(cluster, `${core}/pods`, {
    metadata: metadata(`${lab.user}-nb`, annotations),
    spec: podOf(lab),
  });
}

const groupsOf = ({ user, groups = [{ name: user, id: 1101 }] }: NubladoLab) => groups;
const amounts = ({ limits, requests }: NubladoLab) => ({
  limits: limits ?? { cpu: '1.0', memory: 3 * GI },
  requests: requests ?? { cpu: '0.25', memory: 0.75 * GI },
});

function environmentOf(lab: NubladoLab): Record<string, string> {
  const { limits, requests } = amounts(lab);
  return {
    JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${lab.user}/`,
    JUPYTER_IMAGE: lab.image,
    JUPYTER_IMAGE_SPEC: lab.image,
    IMAGE_DESCRIPTION: 'Weekly 2077_43',
    CPU_LIMIT: limits.cpu,
    CPU_GUARANTEE: requests.cpu,
    MEM_LIMIT: String(limits.memory),
    MEM_GUARANTEE: String(requests.memory),
    ...lab.env,
  };
}

function podOf(lab: NubladoLab): object {
  const { limits, requests } = amounts(lab);
  const texts = ({ cpu, memory }: typeof limits): object => ({ cpu, memory: String(memory) });
  return {
    restartPolicy: 'OnFailure',
    containers: [
      {
        name: lab.without === 'notebook' ? 'something-else' : 'notebook',
        image: lab.image,
        resources: { limits: texts(limits), requests: texts(requests) },
        securityContext: { runAsUser: 1101, runAsGroup: lab.gid ?? 1101, runAsNonRoot: true },
      },
    ],
  };
}

async function post(cluster: Cluster, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(cluster.api.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

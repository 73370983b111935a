import type { V1Affinity, V1PodSpec, V1ResourceRequirements, V1Toleration } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { FsadminSettings } from '../../config/index.js';

/** What both pods of this room are configured with. */
type Placed = Pick<FsadminSettings, 'affinity' | 'nodeSelector' | 'tolerations' | 'resources'>;

/** Argo CD shows our objects and never prunes them (contract 5.1). */
export const ARGO_ANNOTATIONS: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false',
};

/** Where the pod may run; the list of tolerations is sent even when empty (contract, appendix A). */
export function placement({
  affinity,
  nodeSelector,
  tolerations,
}: Placed): Pick<Plain<V1PodSpec>, 'affinity' | 'nodeSelector' | 'tolerations'> {
  return {
    ...(affinity === undefined ? {} : { affinity: plain(affinity) as Plain<V1Affinity> }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector: { ...nodeSelector } }),
    tolerations: tolerations.map((toleration) => plain(toleration) as Plain<V1Toleration>),
  };
}

/** Nothing where nothing is configured. */
export function resourcesOf({ resources }: Placed): { readonly resources?: Plain<V1ResourceRequirements> } {
  if (resources === undefined) return {};
  const texts = ({ cpu, memory }: (typeof resources)['limits']) => ({
    cpu: `${cpu}m`,
    memory: String(memory),
  });
  return { resources: { limits: texts(resources.limits), requests: texts(resources.requests) } };
}

/** Without the keys that are only there to say that they are absent. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value)) as unknown;

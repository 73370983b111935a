import type { V1ConfigMap, V1Pod, V1ResourceQuota } from '@kubernetes/client-node';

import type { LabOptions, LabOwner, LabResources, Quantities } from '../lab.js';
import type { LabPodSettings } from './settings.js';

/** What Nublado's rule looks at (contract 6.7.2). */
export interface LabRemains {
  readonly username: string;
  readonly environment?: V1ConfigMap | undefined;
  readonly pod?: V1Pod | undefined;
  readonly quota?: V1ResourceQuota | undefined;
}

/** A lab as its objects tell it. */
export interface RebuiltLab {
  readonly owner: LabOwner;
  readonly image: string;
  readonly displayName: string;
  readonly size: string;
  readonly resources: LabResources;
  readonly options: LabOptions;
  readonly quota: Quantities | null;
  readonly servicePrefix: string;
  readonly phase: 'pending' | 'running' | 'terminated' | 'failed';
}

export type Rebuilding =
  | { readonly kind: 'rebuilt'; readonly lab: RebuiltLab }
  | { readonly kind: 'malformed'; readonly missing: string };

/** Nublado's rebuild rule (contract 6.7.3): what a lab is, from ConfigMap, Pod and ResourceQuota alone. */
export function rebuildLab(
  _remains: LabRemains,
  _settings: { readonly lab: Pick<LabPodSettings, 'sizes'> },
): Rebuilding {
  throw new Error('under construction');
}

import type { V1ConfigMap, V1Container, V1Pod, V1ResourceQuota } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { bytesOf, milliCpuOf } from '../../common/quantity.js';
import type { Group, Owner } from '../../common/record.js';
import type { LabOptions, LabResources, Quantities } from '../lab.js';
import { USER_GROUPS, USER_NAME } from './marks.js';
import type { LabSettings } from '../../config/index.js';

/** What Nublado's rule looks at (contract 6.7.2). */
export interface LabRemains {
  readonly username: string;
  readonly environment?: Plain<V1ConfigMap> | undefined;
  readonly pod?: Plain<V1Pod> | undefined;
  readonly quota?: Plain<V1ResourceQuota> | undefined;
}

/** A lab as its objects tell it. */
export interface RebuiltLab {
  readonly owner: Owner;
  /** Reference with digest. */
  readonly image: string;
  readonly displayName: string;
  /** Name of the configured size with exactly these resources, else `custom`. */
  readonly size: string;
  readonly resources: LabResources;
  readonly options: LabOptions;
  readonly quota: Quantities | null;
  readonly servicePrefix: string;
  /** From the pod's phase, as Nublado reads it. */
  readonly phase: 'pending' | 'running' | 'terminated' | 'failed';
}

export type Rebuilding =
  | { readonly kind: 'rebuilt'; readonly lab: RebuiltLab }
  | { readonly kind: 'malformed'; readonly missing: string };

type Sizes = { readonly lab: Pick<LabSettings, 'sizes'> };

/**
 * Nublado's rebuild rule (contract 6.7.3): what a lab is, from ConfigMap, Pod and ResourceQuota alone. A Nublado
 * controller deletes what is malformed, so everything that we build must pass.
 */
export function rebuildLab(remains: LabRemains, settings: Sizes): Rebuilding {
  const { environment, pod } = remains;
  if (!environment) return malformed('environment ConfigMap');
  if (!pod) return malformed('pod');
  const notebook = pod.spec?.containers.find(({ name }) => name === 'notebook');
  if (!notebook) return malformed('container notebook');
  const owner = ownerFrom(remains.username, pod, notebook);
  if (!owner) return malformed('identity of the user');
  const described = describedBy(environment.data ?? {}, settings);
  if (!described) return malformed('variables of the environment');
  return {
    kind: 'rebuilt',
    lab: { owner, ...described, quota: quotaFrom(remains.quota), phase: phaseOf(pod) },
  };
}

const malformed = (missing: string): Rebuilding => ({ kind: 'malformed', missing });

function ownerFrom(username: string, pod: Plain<V1Pod>, notebook: Plain<V1Container>): Owner | undefined {
  const annotations = pod.metadata?.annotations ?? {};
  const groups = groupsFrom(annotations[USER_GROUPS]);
  const { runAsUser: uid, runAsGroup: gid } = notebook.securityContext ?? {};
  if (!groups || uid === undefined || gid === undefined) return undefined;
  return { username, name: annotations[USER_NAME] ?? null, uid, gid, groups };
}

function groupsFrom(text: string | undefined): Group[] | undefined {
  try {
    const listed: unknown = JSON.parse(text ?? '');
    return Array.isArray(listed) && listed.every(isGroup)
      ? listed.map(({ name, id }) => ({ name, id }))
      : undefined;
  } catch {
    return undefined;
  }
}

function isGroup(value: unknown): value is Group {
  if (typeof value !== 'object' || value === null) return false;
  return 'name' in value && typeof value.name === 'string' && 'id' in value && typeof value.id === 'number';
}

type Described = Pick<
  RebuiltLab,
  'image' | 'displayName' | 'size' | 'resources' | 'options' | 'servicePrefix'
>;

function describedBy(environment: Readonly<Record<string, string>>, settings: Sizes): Described | undefined {
  const resources = resourcesFrom(environment);
  const { JUPYTER_IMAGE_SPEC: image, JUPYTERHUB_SERVICE_PREFIX: servicePrefix } = environment;
  if (!resources || image === undefined || servicePrefix === undefined) return undefined;
  return {
    image,
    displayName: environment.IMAGE_DESCRIPTION ?? image,
    size: sizeNamed(resources, settings),
    resources,
    options: {
      enableDebug: environment.DEBUG === 'TRUE',
      resetUserEnv: environment.RESET_USER_ENV === 'TRUE',
    },
    servicePrefix,
  };
}

function resourcesFrom(environment: Readonly<Record<string, string>>): LabResources | undefined {
  const limits = quantities(environment.CPU_LIMIT, environment.MEM_LIMIT);
  const requests = quantities(environment.CPU_GUARANTEE, environment.MEM_GUARANTEE);
  return limits && requests && { limits, requests };
}

function quantities(cpuText: string | undefined, memoryText: string | undefined): Quantities | undefined {
  const cpu = milliCpuOf(cpuText ?? '');
  const memory = bytesOf(memoryText ?? '');
  return cpu === undefined || memory === undefined ? undefined : { cpu, memory };
}

function sizeNamed(resources: LabResources, settings: Sizes): string {
  const same = settings.lab.sizes.find(
    (candidate) =>
      isSame(candidate.resources.limits, resources.limits) &&
      isSame(candidate.resources.requests, resources.requests),
  );
  return same?.size ?? 'custom';
}

const isSame = (one: Quantities, other: Quantities): boolean =>
  one.cpu === other.cpu && one.memory === other.memory;

function quotaFrom(quota: Plain<V1ResourceQuota> | undefined): Quantities | null {
  const hard = quota?.spec?.hard ?? {};
  return quantities(hard['limits.cpu'], hard['limits.memory']) ?? null;
}

function phaseOf(pod: Plain<V1Pod>): RebuiltLab['phase'] {
  switch (pod.status?.phase) {
    case 'Running':
      return 'running';
    case 'Succeeded':
    case 'Failed':
      return 'terminated';
    case 'Unknown':
      return 'failed';
    default:
      return 'pending';
  }
}

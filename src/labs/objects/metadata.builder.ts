import type { V1ObjectMeta } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { USER_LABEL, objectNames } from '../lab.names.js';
import type { LabObjectNames } from '../lab.names.js';
import { homeDirectory } from './account.builder.js';
import { labEnvironment } from './environment.builder.js';
import type { LabEnvironment } from './environment.builder.js';
import { podNames } from './injected-files.builder.js';
import type { PodNames } from './injected-files.builder.js';
import { CATEGORY_LABEL, OPERATION } from './marks.js';
import type { LabBuildInput } from './settings.js';

/** Where a lab's objects belong, and what they are called. */
export interface LabPlace {
  readonly input: Pick<LabBuildInput, 'lab' | 'settings'>;
  readonly names: LabObjectNames;
}

/** What all builders of one lab share, worked out once. */
export interface LabScope extends LabPlace {
  readonly input: LabBuildInput;
  readonly environment: LabEnvironment;
  readonly inPod: PodNames;
  /** Home directory and working directory. */
  readonly home: string;
}

export function labPlace(input: LabPlace['input']): LabPlace {
  const { owner, labName } = input.lab.wish;
  return { input, names: objectNames(input.settings.lab.namespacePrefix, owner.username, labName) };
}

export function labScope(input: LabBuildInput): LabScope {
  const { owner } = input.lab.wish;
  const { lab } = input.settings;
  return {
    input,
    names: labPlace(input).names,
    environment: labEnvironment(input),
    inPod: podNames(lab),
    home: homeDirectory(owner.username, lab),
  };
}

/** What selects a lab's pod, in its own namespace and in the namespace selectors of others. */
export function labSelector({ names }: LabPlace): Record<string, string> {
  return { [CATEGORY_LABEL]: 'lab', [USER_LABEL]: names.user };
}

/** Labels of all lab objects (contract 5.1). */
export function commonLabels(scope: LabPlace): Record<string, string> {
  const { application } = scope.input.settings.lab;
  return {
    ...labSelector(scope),
    ...(application === undefined ? {} : { 'argocd.argoproj.io/instance': application }),
  };
}

/** Annotations of all lab objects (contract 5.1): Argo CD shows them and never prunes them. */
export const COMMON_ANNOTATIONS: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false',
};

/** Metadata of an object in the lab's namespace. */
export function objectMetadata(
  scope: LabPlace,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
): Plain<V1ObjectMeta> {
  return {
    name,
    namespace: scope.names.namespace,
    labels: { ...commonLabels(scope), [OPERATION]: scope.input.lab.wish.operation.id },
    annotations: { ...COMMON_ANNOTATIONS, ...annotations },
  };
}

import type { V1Affinity, V1ObjectMeta, V1Pod, V1PodSpec, V1Toleration } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { notebookContainer } from './containers.builder.js';
import { initContainers } from './init-containers.builder.js';
import { USER_GROUPS, USER_NAME } from './marks.js';
import { objectMetadata } from './metadata.builder.js';
import type { LabScope } from './metadata.builder.js';
import { podVolumes } from './pod-volumes.builder.js';
import { sorted, spacedJson } from './text.js';

/** The lab pod (contract 5.4). Walled off: no service account token, default seccomp profile, no privileges. */
export function buildPod(scope: LabScope): Plain<V1Pod> {
  const { owner } = scope.input.lab.wish;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: podMetadata(scope),
    spec: {
      ...placement(scope),
      automountServiceAccountToken: false,
      restartPolicy: 'OnFailure',
      securityContext: {
        supplementalGroups: owner.groups.map(({ id }) => id),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...pullSecrets(scope),
      initContainers: initContainers(scope),
      containers: [notebookContainer(scope)],
      volumes: podVolumes(scope),
    },
  };
}

/** Besides the common ones: who the user is, for whoever reads the lab back from its pod (contract 6.7.3). */
function podMetadata(scope: LabScope): Plain<V1ObjectMeta> {
  const { lab, settings } = scope.input;
  const { name, groups } = lab.wish.owner;
  return objectMetadata(scope, scope.names.pod, {
    [USER_GROUPS]: spacedJson(groups.map((group) => ({ name: group.name, id: group.id }))),
    ...(name === null ? {} : { [USER_NAME]: name }),
    ...settings.lab.extraAnnotations,
  });
}

/** Where the pod may run. The list of tolerations is sent even when empty (contract, appendix A). */
function placement(scope: LabScope): Pick<Plain<V1PodSpec>, 'affinity' | 'nodeSelector' | 'tolerations'> {
  const { affinity, nodeSelector, tolerations } = scope.input.settings.lab;
  return {
    ...(affinity === undefined ? {} : { affinity: sorted(affinity) as Plain<V1Affinity> }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector: { ...nodeSelector } }),
    tolerations: tolerations.map((toleration) => sorted(toleration) as Plain<V1Toleration>),
  };
}

function pullSecrets({ input, names }: LabScope): Pick<Plain<V1PodSpec>, 'imagePullSecrets'> {
  if (input.settings.lab.pullSecret === undefined) return {};
  return { imagePullSecrets: [{ name: names.pullSecret }] };
}

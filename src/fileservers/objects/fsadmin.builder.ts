import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { FsadminSettings, LabSettings, UtilityImage } from '../../config/index.js';
import { podMount, podVolume, volumeClaim } from '../../volumes/index.js';
import type { ConfiguredMount, ConfiguredVolume } from '../../volumes/index.js';
import { CATEGORY_LABEL } from '../fileserver.marks.js';
import { ARGO_ANNOTATIONS, placement, resourcesOf } from './placement.builder.js';

/** Category of the administrators' pod and its claims. */
export const FSADMIN = 'fsadmin';

export interface FsadminBuildInput {
  readonly namespace: string;
  readonly fsadmin: FsadminSettings;
  readonly lab: Pick<LabSettings, 'volumes' | 'volumeMounts'>;
  readonly image: UtilityImage;
}

const metadataOf = (namespace: string, name: string) => ({
  name,
  namespace,
  labels: { [CATEGORY_LABEL]: FSADMIN },
  annotations: { ...ARGO_ANNOTATIONS },
});

/** Everything that labs mount and what fsadmin mounts besides: writable, and below the prefix. The lab's own stay as they are. */
function mountsOf({ fsadmin, lab }: FsadminBuildInput): readonly ConfiguredMount[] {
  const prefix = fsadmin.mountPrefix ?? '';
  return [...lab.volumeMounts, ...fsadmin.extraVolumeMounts].map((mount) => ({
    ...mount,
    containerPath: `${prefix}${mount.containerPath}`,
    readOnly: false,
  }));
}

function mountedVolumes(input: FsadminBuildInput): readonly ConfiguredVolume[] {
  const names = new Set(mountsOf(input).map(({ volumeName }) => volumeName));
  return [...input.lab.volumes, ...input.fsadmin.extraVolumes].filter(({ name }) => names.has(name));
}

const claimOf = ({ fsadmin }: FsadminBuildInput, volume: string): string =>
  `${fsadmin.podName}-pvc-${volume}`;

/** Claims of all mounted volumes that need one (contract 5.9), those of extra volumes too. */
export const buildFsadminClaims = (input: FsadminBuildInput): readonly Plain<V1PersistentVolumeClaim>[] =>
  mountedVolumes(input).flatMap((volume) => {
    const claim = volumeClaim(volume, metadataOf(input.namespace, claimOf(input, volume.name)));
    return claim ? [claim] : [];
  });

/** The privileged pod that administrators enter (contract 5.9). */
export function buildFsadminPod(input: FsadminBuildInput): Plain<V1Pod> {
  const { fsadmin, image, namespace } = input;
  const metadata = metadataOf(namespace, fsadmin.podName);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...fsadmin.extraAnnotations } },
    spec: {
      ...placement(fsadmin),
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: false },
      containers: [
        {
          name: fsadmin.podName,
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: image.pullPolicy,
          command: ['tail', '-f', '/dev/null'],
          ...resourcesOf(fsadmin),
          securityContext: { privileged: true, runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 },
          volumeMounts: mountsOf(input).map((mount) => podMount(mount, mount.volumeName)),
        },
      ],
      volumes: mountedVolumes(input).map((volume) =>
        podVolume(volume, { volume: volume.name, claim: claimOf(input, volume.name) }),
      ),
    },
  };
}

import type { V1ObjectMeta, V1PersistentVolumeClaim, V1Volume, V1VolumeMount } from '@kubernetes/client-node';

import type { Plain } from '../common/plain.js';
import type { ConfiguredMount, ConfiguredVolume } from './volume.js';

/** What a configured volume is called where it is used. */
export interface VolumeNames {
  /** Name within the pod. */
  readonly volume: string;
  /** The claim behind it, if its source is one. */
  readonly claim: string;
}

/** A pod's volume for a configured one (contract 5.4). `readOnly` is always written where the source has it. */
export function podVolume({ source }: ConfiguredVolume, names: VolumeNames): Plain<V1Volume> {
  switch (source.type) {
    case 'hostPath':
      return { name: names.volume, hostPath: { path: source.path } };
    case 'nfs':
      return {
        name: names.volume,
        nfs: { server: source.server, path: source.serverPath, readOnly: source.readOnly },
      };
    case 'persistentVolumeClaim':
      return {
        name: names.volume,
        persistentVolumeClaim: { claimName: names.claim, readOnly: source.readOnly },
      };
  }
}

/** A container's mount of the volume that its pod calls `volume`. */
export function podMount(mount: ConfiguredMount, volume: string): Plain<V1VolumeMount> {
  return {
    name: volume,
    mountPath: mount.containerPath,
    ...(mount.subPath === undefined ? {} : { subPath: mount.subPath }),
    readOnly: mount.readOnly,
  };
}

/** The claim that a volume needs; `undefined` for sources that need none. */
export function volumeClaim(
  { source }: ConfiguredVolume,
  metadata: Plain<V1ObjectMeta>,
): Plain<V1PersistentVolumeClaim> | undefined {
  if (source.type !== 'persistentVolumeClaim') return undefined;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: [...source.accessModes],
      storageClassName: source.storageClassName,
      resources: { requests: { ...source.resources.requests } },
    },
  };
}

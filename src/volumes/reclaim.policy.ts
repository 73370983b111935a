import { isWithin, normalPath } from '../common/path.js';
import type { LabSettings } from '../config/index.js';
import type { ConfiguredMount } from './volume.js';

/** What of the configuration of labs decides where files live. */
export type LabStorage = Pick<LabSettings, 'volumes' | 'volumeMounts' | 'initContainers' | 'homedirPrefix'>;

/** Files that do not outlive the lab. */
export interface FleetingFiles {
  /** Configured name of the volume; undefined for a home that no volume holds. */
  readonly volume: string | undefined;
  readonly isHome: boolean;
  /** For people: what is destroyed, and when. */
  readonly sentence: string;
}

/** Storage classes of the claims that labs may write to, each once. A claim without one is bound to a volume that is there already. */
export function classesToJudge(lab: LabStorage): readonly string[] {
  const named = writableClaims(lab).flatMap(({ storageClass }) => storageClass || []);
  return Array.from(new Set(named));
}

/**
 * Everything that labs may write to and that goes with them: a claim goes with the namespace of its lab, and what is behind
 * it goes too where the storage class reclaims by `Delete` (`core/v1` PersistentVolume, `persistentVolumeReclaimPolicy`).
 * `policies`: reclaim policy by storage class; a class that is missing there is not judged.
 */
export function fleetingFiles(
  lab: LabStorage,
  policies: ReadonlyMap<string, string>,
): readonly FleetingFiles[] {
  const home = homeMount(lab);
  const claims = writableClaims(lab).flatMap(({ volume, storageClass }) =>
    policies.get(storageClass) === 'Delete'
      ? [fleeting(volume, storageClass, volume === home?.volumeName)]
      : [],
  );
  return home ? claims : [...claims, homeless(lab)];
}

function fleeting(volume: string, storageClass: string, isHome: boolean): FleetingFiles {
  const what = isHome ? `volume ${volume}, which holds the homes` : `volume ${volume}`;
  const sentence = `The content of ${what}, is destroyed whenever the lab stops: storage class ${storageClass} reclaims by Delete`;
  return { volume, isHome, sentence: isHome ? sentence : sentence.replace(`${what},`, what) };
}

const homeless = ({ homedirPrefix }: LabStorage): FleetingFiles => ({
  volume: undefined,
  isHome: true,
  sentence: `No volume is mounted at ${homedirPrefix}: what is in a home is destroyed whenever the lab stops`,
});

function writableClaims(
  lab: LabStorage,
): readonly { readonly volume: string; readonly storageClass: string }[] {
  const mounts = [lab, ...lab.initContainers].flatMap(
    ({ volumeMounts }): readonly ConfiguredMount[] => volumeMounts,
  );
  return lab.volumes.flatMap(({ name, source }) => {
    if (source.type !== 'persistentVolumeClaim' || source.readOnly) return [];
    const isWritten = mounts.some(({ volumeName, readOnly }) => volumeName === name && !readOnly);
    return isWritten ? [{ volume: name, storageClass: source.storageClassName }] : [];
  });
}

/** The mount that the homes are in: the innermost of those that lead there. */
function homeMount({ volumeMounts, homedirPrefix }: LabStorage): ConfiguredMount | undefined {
  const homes = normalPath(homedirPrefix);
  const leading = volumeMounts.flatMap((mount) => {
    const path = normalPath(mount.containerPath);
    return isWithin(homes, path) ? [{ mount, path }] : [];
  });
  return leading.sort((a, b) => b.path.length - a.path.length)[0]?.mount;
}

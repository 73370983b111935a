import type { LabBuildSettings, LabPodSettings } from './settings.js';

type Level = 'restricted' | 'baseline' | 'privileged';

export interface PodSecurity {
  /** Of the Pod Security Standards. */
  readonly level: Level;
  /** What in the configuration stands against `restricted`, one phrase each. */
  readonly loweredBy: readonly string[];
  /** True if the configuration insists on a level that its own lab pods do not meet: `loweredBy` says why. */
  readonly refusesLabs: boolean;
}

interface Demand {
  readonly level: Exclude<Level, 'restricted'>;
  readonly because: string;
}

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/**
 * The level for lab namespaces: `berth.podSecurity`, or for `auto` the strictest that the configuration allows.
 * Lab pods contain every configured volume, mounted or not.
 */
export function podSecurityLevel(settings: PodSecuritySettings): PodSecurity {
  const { lab, berth } = settings;
  const demands = [...volumeDemands(lab), ...containerDemands(lab), ...annotationDemands(lab)];
  const possible = demands.reduce<Level>((level, demand) => laxer(level, demand.level), 'restricted');
  const level = berth.podSecurity === 'auto' ? possible : berth.podSecurity;
  const loweredBy = demands.map(({ because }) => because);
  const chosen = level !== possible && laxer(level, possible) === level;
  return {
    level,
    loweredBy: chosen ? [...loweredBy, `berth.podSecurity is ${level}`] : loweredBy,
    refusesLabs: laxer(level, possible) !== level,
  };
}

export interface PodSecuritySettings {
  readonly lab: SecuritySettings;
  readonly berth: Pick<LabBuildSettings['berth'], 'podSecurity'>;
}

const LEVELS: readonly Level[] = ['restricted', 'baseline', 'privileged'];
const laxer = (one: Level, other: Level): Level =>
  LEVELS.indexOf(one) > LEVELS.indexOf(other) ? one : other;

type SecuritySettings = Pick<
  LabPodSettings,
  'volumes' | 'initContainers' | 'standardInithome' | 'extraAnnotations'
>;

function volumeDemands({ volumes }: SecuritySettings): Demand[] {
  return volumes.flatMap(({ name, source }): Demand[] => {
    switch (source.type) {
      case 'hostPath':
        return [{ level: 'privileged', because: `lab.volumes: ${name} is a hostPath` }];
      case 'nfs':
        return [
          { level: 'baseline', because: `lab.volumes: ${name} is an NFS volume (a claim would not be)` },
        ];
      case 'persistentVolumeClaim':
        return [];
    }
  });
}

function containerDemands({ initContainers, standardInithome }: SecuritySettings): Demand[] {
  const inithome: Demand = { level: 'privileged', because: 'lab.standardInithome runs as root' };
  const own = initContainers
    .filter(({ privileged }) => privileged)
    .map(({ name }): Demand => ({
      level: 'privileged',
      because: `lab.initContainers: ${name} is privileged`,
    }));
  return standardInithome ? [inithome, ...own] : own;
}

function annotationDemands({ extraAnnotations }: SecuritySettings): Demand[] {
  return Object.entries(extraAnnotations)
    .filter(
      ([name, value]) => name.startsWith(APPARMOR) && !/^(runtime\/default|localhost\/.*|)$/.test(value),
    )
    .map(([name]) => ({ level: 'privileged', because: `lab.extraAnnotations: ${name} is unconfined` }));
}

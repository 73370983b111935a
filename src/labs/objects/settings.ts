import type { Bytes, Millis, MilliCpu } from '../../common/units.js';
import type { ConfiguredMount, ConfiguredVolume } from '../../volumes/index.js';
import type { Lab } from '../lab.js';

/** A container image of the configuration, without digest. */
export interface ImageSettings {
  readonly repository: string;
  readonly tag: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
}

export interface InitContainerSettings {
  readonly name: string;
  readonly image: ImageSettings;
  readonly command?: readonly string[] | undefined;
  readonly privileged: boolean;
  readonly volumeMounts: readonly ConfiguredMount[];
}

export interface LabSecretSettings {
  readonly secretName: string;
  readonly secretKey: string;
  readonly env?: string | undefined;
  readonly path?: string | undefined;
}

interface SizeSettings {
  readonly size: string;
  readonly resources: Record<'limits' | 'requests', { readonly cpu: MilliCpu; readonly memory: Bytes }>;
}

/** The part of `lab:` that objects are built from (contract 3.6). */
export interface LabPodSettings {
  readonly namespacePrefix: string;
  readonly application?: string | undefined;
  readonly sizes?: readonly SizeSettings[] | undefined;
  readonly activityInterval: Millis;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly secrets: readonly LabSecretSettings[];
  readonly pullSecret?: string | undefined;
  readonly volumes: readonly ConfiguredVolume[];
  readonly volumeMounts: readonly ConfiguredMount[];
  readonly initContainers: readonly InitContainerSettings[];
  /** Default `home`. */
  readonly homeVolumeName?: string | undefined;
  readonly standardInithome: boolean;
  readonly homedirPrefix: string;
  readonly homedirSchema: 'username' | 'initialThenUsername';
  readonly homedirSuffix: string;
  readonly labStartCommand: readonly string[];
  readonly jupyterlabConfigDir: string;
  readonly runtimeMountsDir: string;
  /** What `/tmp` is made of; default `memory`. */
  readonly emptyDirSource?: 'memory' | 'disk' | undefined;
  readonly nss: { readonly basePasswd: string; readonly baseGroup: string };
  readonly namespaceAnnotations: Readonly<Record<string, string>>;
  readonly extraAnnotations: Readonly<Record<string, string>>;
  /** Kubernetes' own shape, passed on as it is. */
  readonly affinity?: object | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
}

/** Every setting that a lab's objects depend on. */
export interface LabBuildSettings {
  readonly lab: LabPodSettings;
  readonly berth: {
    /** `create` makes the namespace's `default` ServiceAccount; `wait` leaves it to the cluster. */
    readonly defaultServiceAccount: 'create' | 'wait';
    readonly readiness: 'off' | 'tcp';
  };
  /** `EXTERNAL_INSTANCE_URL`. */
  readonly externalInstanceUrl: string;
  /** `REPERTOIRE_BASE_URL`, if set. */
  readonly repertoireBaseUrl?: string | undefined;
  /** `NUBLADO_CONTROLLER_REPOSITORY`, `_TAG` and `_PULL_POLICY`: the utility image. */
  readonly utilityImage: ImageSettings;
}

/** What only the request knew and the Lab resource must not show. */
export interface LabRequestData {
  readonly env: Readonly<Record<string, string>>;
  /** The user's Gafaelfawr token for the lab. */
  readonly token: string;
}

/** A Secret of the controller's namespace as read; values in base64, as the API has them. */
export interface SourceSecret {
  readonly type?: string | undefined;
  readonly data: Readonly<Record<string, string>>;
}

export interface LabBuildInput {
  readonly lab: Lab;
  readonly request: LabRequestData;
  readonly settings: LabBuildSettings;
  /** The controller's namespace. */
  readonly instance: string;
  /** Those that `lab.secrets` and `lab.pullSecret` name, by name. */
  readonly secrets: ReadonlyMap<string, SourceSecret>;
  /** The reduced discovery document (contract 5.3). */
  readonly discovery: unknown;
}

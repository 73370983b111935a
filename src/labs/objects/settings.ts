import type { BerthSettings, LabSettings, Settings } from '../../config/index.js';
import type { Lab } from '../lab.js';

/** The part of `lab:` that objects are built from (contract 3.6). */
export type LabPodSettings = Omit<
  LabSettings,
  'defaultSize' | 'deleteTimeout' | 'reconcileInterval' | 'sizes' | 'spawnTimeout'
>;

/** Every setting that a lab's objects depend on. */
export interface LabBuildSettings extends Pick<
  Settings,
  'externalInstanceUrl' | 'repertoireBaseUrl' | 'utilityImage'
> {
  readonly lab: LabPodSettings;
  readonly berth: Pick<BerthSettings, 'defaultServiceAccount' | 'podSecurity' | 'readiness'>;
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

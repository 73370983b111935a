import type { LabSecret } from '../../config/index.js';
import type { Quantities } from '../lab.js';
import type { LabBuildInput } from './settings.js';
import { cpuText, memoryLabel, shellQuote, titleCase } from './text.js';

/** A lab's environment, parted by where it is kept. */
export interface LabEnvironment {
  /** For the ConfigMap. A Nublado controller rebuilds its records from it (contract 6.7.3). */
  readonly open: Readonly<Record<string, string>>;
  /** For the Secret. */
  readonly secret: readonly SecretVariable[];
}

export interface SecretVariable {
  readonly name: string;
  readonly value: string;
  /** Its key in the lab's Secret; never one that the configuration uses. */
  readonly key: string;
}

/** Key of the user's token in the lab's Secret. */
export const TOKEN_KEY = 'token';

const SECRET_WORDS = /TOKEN|SECRET|PASSWORD|KEY|CREDENTIAL/i;

/** The environment of all containers (contract 5.3): later steps override earlier ones, empty values count. */
export function labEnvironment(input: Pick<LabBuildInput, 'lab' | 'request' | 'settings'>): LabEnvironment {
  const { settings, request } = input;
  const merged = {
    ...request.env,
    ...optionVariables(input),
    ...imageVariables(input),
    ...sizeVariables(input),
    ...siteVariables(settings),
    ...(settings.repertoireBaseUrl === undefined ? {} : { REPERTOIRE_BASE_URL: settings.repertoireBaseUrl }),
    ...settings.lab.env,
  };
  const entries = Object.entries(merged);
  return {
    open: Object.fromEntries(entries.filter(([name]) => !SECRET_WORDS.test(name))),
    secret: secretVariables(
      entries.filter(([name]) => SECRET_WORDS.test(name)),
      settings.lab.secrets,
    ),
  };
}

function secretVariables(
  variables: readonly (readonly [name: string, value: string])[],
  configured: readonly LabSecret[],
): SecretVariable[] {
  const taken = new Set([TOKEN_KEY, ...configured.map(({ secretKey }) => secretKey)]);
  let prefix = 'env.';
  while (variables.some(([name]) => taken.has(prefix + name))) prefix = `env.${prefix}`;
  return variables.map(([name, value]) => ({ name, value, key: prefix + name }));
}

function optionVariables({ lab }: Pick<LabBuildInput, 'lab'>): Record<string, string> {
  const { enableDebug, resetUserEnv } = lab.wish.options;
  return { ...(enableDebug ? { DEBUG: 'TRUE' } : {}), ...(resetUserEnv ? { RESET_USER_ENV: 'TRUE' } : {}) };
}

function imageVariables({ lab }: Pick<LabBuildInput, 'lab'>): Record<string, string> {
  const { image } = lab.wish;
  return {
    JUPYTER_IMAGE: image.reference,
    JUPYTER_IMAGE_SPEC: image.reference,
    IMAGE_DESCRIPTION: image.displayName,
    IMAGE_DIGEST: image.digest,
  };
}

function sizeVariables({ lab }: Pick<LabBuildInput, 'lab'>): Record<string, string> {
  const { limits, requests } = lab.wish.resources;
  return {
    CONTAINER_SIZE: `${titleCase(lab.wish.size)} (${quantitiesText(limits)})`,
    CPU_GUARANTEE: cpuText(requests.cpu),
    CPU_LIMIT: cpuText(limits.cpu),
    MEM_GUARANTEE: String(requests.memory),
    MEM_LIMIT: String(limits.memory),
  };
}

const quantitiesText = ({ cpu, memory }: Quantities): string =>
  `${cpuText(cpu)} CPU, ${memoryLabel(memory)} RAM`;

function siteVariables(settings: LabBuildInput['settings']): Record<string, string> {
  const { lab } = settings;
  return {
    JUPYTERHUB_ACTIVITY_INTERVAL: String(Math.floor(lab.activityInterval / 1000)),
    EXTERNAL_INSTANCE_URL: settings.externalInstanceUrl,
    JUPYTERLAB_CONFIG_DIR: lab.jupyterlabConfigDir,
    JUPYTERLAB_START_COMMAND: lab.labStartCommand.map(shellQuote).join(' '),
    NUBLADO_RUNTIME_MOUNTS_DIR: lab.runtimeMountsDir,
  };
}

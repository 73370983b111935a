import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { groupFile, passwdFile } from './account.builder.js';
import type { LabEnvironment } from './environment.builder.js';
import { podNames } from './injected-files.builder.js';
import { objectMetadata } from './metadata.builder.js';
import type { LabScope } from './metadata.builder.js';
import { MissingSecret } from './objects.errors.js';
import type { LabSecret } from '../../config/index.js';
import type { LabBuildInput } from './settings.js';
import { sortedJson } from './text.js';

/** Key of the discovery document in the files ConfigMap. */
export const DISCOVERY_KEY = 'discovery-v1-json';
/** Key of the user's token in the lab's Secret. */
export const TOKEN_KEY = 'token';

export function buildEnvironmentMap(scope: LabScope, environment: LabEnvironment): Plain<V1ConfigMap> {
  return configMap(scope, scope.names.env, environment.open);
}

export function buildNssMap(scope: LabScope): Plain<V1ConfigMap> {
  const { lab, settings } = scope.input;
  const { owner } = lab.wish;
  return configMap(scope, scope.names.nss, {
    passwd: passwdFile(owner, settings.lab),
    group: groupFile(owner, settings.lab),
  });
}

export function buildFilesMap(scope: LabScope): Plain<V1ConfigMap> {
  const { files } = podNames(scope.input.settings.lab);
  return configMap(scope, scope.names.files, {
    ...Object.fromEntries(files.map(({ key, content }) => [key, content])),
    [DISCOVERY_KEY]: sortedJson(scope.input.discovery),
  });
}

function configMap(
  scope: LabScope,
  name: string,
  data: Readonly<Record<string, string>>,
): Plain<V1ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: objectMetadata(scope, name),
    data: { ...data },
    immutable: true,
  };
}

/**
 * The lab's Secret: configured secrets, the user's token, and those variables that must not lie open.
 * @throws {MissingSecret}
 */
export function buildLabSecret(scope: LabScope, environment: LabEnvironment): Plain<V1Secret> {
  const { request, settings, secrets } = scope.input;
  const data: Record<string, string> = { [TOKEN_KEY]: encoded(request.token) };
  for (const entry of settings.lab.secrets) data[entry.secretKey] = sourceValue(entry, secrets);
  for (const [name, key] of secretVariableKeys(environment, settings.lab.secrets)) {
    data[key] = encoded(environment.secret[name] ?? '');
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: objectMetadata(scope, scope.names.secret),
    type: 'Opaque',
    data,
    immutable: true,
  };
}

function sourceValue(entry: LabSecret, secrets: LabBuildInput['secrets']): string {
  const source = secrets.get(entry.secretName);
  if (!source) throw new MissingSecret(entry.secretName);
  const value = source.data[entry.secretKey];
  if (value === undefined) throw new MissingSecret(entry.secretName, entry.secretKey);
  return value;
}

/** The key in the lab's Secret for each secret variable; never one that the configuration uses. */
export function secretVariableKeys(
  environment: LabEnvironment,
  configured: readonly LabSecret[],
): ReadonlyMap<string, string> {
  const taken = new Set([TOKEN_KEY, ...configured.map(({ secretKey }) => secretKey)]);
  const variables = Object.keys(environment.secret);
  let prefix = 'env.';
  while (variables.some((name) => taken.has(prefix + name))) prefix = `env.${prefix}`;
  return new Map(variables.map((name) => [name, prefix + name]));
}

/**
 * A copy of the configured pull Secret under a fixed name; `undefined` if none is configured.
 * @throws {MissingSecret}
 */
export function buildPullSecret(scope: LabScope): Plain<V1Secret> | undefined {
  const { pullSecret } = scope.input.settings.lab;
  if (pullSecret === undefined) return undefined;
  const source = scope.input.secrets.get(pullSecret);
  if (!source) throw new MissingSecret(pullSecret);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: objectMetadata(scope, scope.names.pullSecret),
    ...(source.type === undefined ? {} : { type: source.type }),
    data: { ...source.data },
    immutable: true,
  };
}

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

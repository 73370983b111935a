import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { groupFile, passwdFile } from './account.builder.js';
import { TOKEN_KEY } from './environment.builder.js';
import { objectMetadata } from './metadata.builder.js';
import type { LabScope } from './metadata.builder.js';
import { MissingSecret } from './objects.errors.js';
import type { LabSecret } from '../../config/index.js';
import type { LabBuildInput } from './settings.js';
import { sortedJson } from './text.js';

/** Key of the discovery document in the files ConfigMap. */
export const DISCOVERY_KEY = 'discovery-v1-json';

export function buildEnvironmentMap(scope: LabScope): Plain<V1ConfigMap> {
  return configMap(scope, scope.names.env, scope.environment.open);
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
  return configMap(scope, scope.names.files, {
    ...Object.fromEntries(scope.inPod.files.map(({ key, content }) => [key, content])),
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
export function buildLabSecret(scope: LabScope): Plain<V1Secret> {
  const { request, settings, secrets } = scope.input;
  const data: Record<string, string> = { [TOKEN_KEY]: encoded(request.token) };
  for (const entry of settings.lab.secrets) data[entry.secretKey] = sourceValue(entry, secrets);
  for (const { key, value } of scope.environment.secret) data[key] = encoded(value);
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

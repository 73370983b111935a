import type { V1ConfigMap, V1Container, V1Pod, V1Secret } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { KubeObject } from '../../kubernetes/index.js';
import type { LabObject } from './lab-objects.builder.js';
import { USER_GROUPS } from './marks.js';
import { buildRequestSecret } from './request-secret.mapper.js';
import type { LabRequestData } from './settings.js';

/*
 * What the API server or the kubelet would refuse for its content, found before anything is written. The limits are
 * Kubernetes' own (apimachinery and core validation, 1.35) unless a line says otherwise.
 */

/** Why a lab would be refused by Kubernetes for its content. */
export interface LimitProblem {
  /** Stable snake_case code. */
  readonly reason: string;
  /** A sentence for whoever asked for the lab. */
  readonly message: string;
}

type Check = (object: KubeObject) => LimitProblem | undefined;

const KIB = 1024;
/** Sum of the values of one ConfigMap or Secret, decoded. */
const CONTENT_BYTES = 1024 * KIB;
/** Sum of all names and values of one object's annotations. */
const ANNOTATION_BYTES = 256 * KIB;
/** etcd takes requests of 1.5 MiB; the rest is for its own fields and what webhooks add. */
const OBJECT_BYTES = 1472 * KIB;
/** `MAX_ARG_STRLEN` of Linux: one `NAME=value` with its end. A longer one keeps the container from starting. */
const VARIABLE_BYTES = 128 * KIB;
/** Of 253 characters of a key, those that the prefix leaves. */
const NAME_LENGTH = 240;
const VARIABLE_PREFIX = /^(env\.)+/;
const LONGEST_NAMESPACE = 63;
const FEWER_GROUPS =
  'most of it is the names of the user’s groups, and whoever looks after the identity provider can shorten them or take some away';
const FEWER_VARIABLES = 'most of it is the names of secret variables: leave some away';

/** The first thing in these objects that would be refused, in the order in which they are created. */
export function measureLabObjects(objects: readonly LabObject[]): LimitProblem | undefined {
  for (const { object } of objects) {
    for (const check of CHECKS) {
      const problem = check(object);
      if (problem) return problem;
    }
  }
  return undefined;
}

/** What of a request would not fit into the Secret that carries it. */
export function measureRequest(data: LabRequestData): LimitProblem | undefined {
  const lab = { name: 'lab', uid: '' };
  return checkContent(buildRequestSecret({ lab, operationId: '', data, namespace: '' }));
}

const CHECKS: readonly Check[] = [
  checkName,
  checkVariables,
  checkKeys,
  checkContent,
  checkAnnotations,
  checkMounts,
  checkSize,
];

/** With a very long `lab.namespacePrefix` even a slug has no room. */
function checkName(object: KubeObject): LimitProblem | undefined {
  const name = object.metadata?.name ?? '';
  if (object.kind !== 'Namespace' || name.length <= LONGEST_NAMESPACE) return undefined;
  const message = `${title(object)} has ${name.length} characters, and Kubernetes allows ${LONGEST_NAMESPACE}`;
  return problem('namespace_name_too_long', message);
}

/** Values of variables: the environment's ConfigMap, and those in the lab's Secret. */
function checkVariables(object: KubeObject): LimitProblem | undefined {
  for (const [name, value] of variablesOf(object)) {
    if (value.includes('\0')) {
      return problem(
        'environment_value_invalid',
        `The value of environment variable ${shown(name)} contains NUL`,
      );
    }
    if (utf8Length(name) + utf8Length(value) + 2 > VARIABLE_BYTES) {
      const message = `Environment variable ${shown(name)} is longer than ${VARIABLE_BYTES / KIB} KiB`;
      return problem('environment_value_too_long', message);
    }
  }
  return undefined;
}

function variablesOf(object: KubeObject): [name: string, value: string][] {
  if (isConfigMap(object) && object.metadata?.name?.endsWith('-nb-env'))
    return Object.entries(object.data ?? {});
  if (!isSecret(object)) return [];
  return Object.entries(object.data ?? {})
    .filter(([key]) => VARIABLE_PREFIX.test(key))
    .map(([key, value]) => [key.replace(VARIABLE_PREFIX, ''), Buffer.from(value, 'base64').toString('utf8')]);
}

/**
 * Names that a request chose for its variables: keys of the environment's ConfigMap, or kept under a prefix in the lab's
 * Secret. All other keys are the operator's or ours.
 */
function checkKeys(object: KubeObject): LimitProblem | undefined {
  const name = Object.keys(contentOf(object))
    .map((key) => (isSecret(object) ? key.replace(VARIABLE_PREFIX, '') : key))
    .find((key) => !isKey(key));
  if (name === undefined) return undefined;
  const expected = `letters, digits, "-", "_" and ".", at most ${NAME_LENGTH} of them`;
  return problem(
    'environment_name_invalid',
    `Kubernetes refuses the environment variable ${shown(name)}, expected ${expected}`,
  );
}

/** A key of ConfigMaps, Secrets and files, with room for the prefix. */
const isKey = (key: string): boolean =>
  key.length <= NAME_LENGTH && /^[-._a-zA-Z0-9]+$/.test(key) && !/^\.(\.|$)/.test(key);

function checkContent(object: KubeObject): LimitProblem | undefined {
  const measure = isSecret(object) ? decodedLength : utf8Length;
  const total = sum(Object.values(contentOf(object)).map(measure));
  if (total <= CONTENT_BYTES) return undefined;
  const chosen = sum(variablesOf(object).map(([, value]) => utf8Length(value)));
  const whole = isSecret(object) ? 'secret_too_large' : 'config_map_too_large';
  return tooLarge(chosen > total / 2 ? 'environment_too_large' : whole, object, total, CONTENT_BYTES);
}

function checkAnnotations(object: KubeObject): LimitProblem | undefined {
  const annotations = Object.entries(object.metadata?.annotations ?? {});
  const total = sum(annotations.map(([name, value]) => utf8Length(name) + utf8Length(value)));
  if (total <= ANNOTATION_BYTES) return undefined;
  const groups = utf8Length(object.metadata?.annotations?.[USER_GROUPS] ?? '');
  const remedy = groups > total / 2 ? `; ${FEWER_GROUPS}` : '';
  const message = `The annotations of ${title(object)} take ${total} bytes, and Kubernetes allows ${ANNOTATION_BYTES}`;
  return problem('annotations_too_large', message + remedy);
}

/** Two mounts of one container at the same path: a configuration that no pod can have. */
function checkMounts(object: KubeObject): LimitProblem | undefined {
  for (const { name, volumeMounts = [] } of containersOf(object)) {
    const paths = volumeMounts.map(({ mountPath }) => mountPath);
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice === undefined) continue;
    return problem(
      'mount_path_twice',
      `The configuration mounts two things at ${twice} in container ${name}`,
    );
  }
  return undefined;
}

/** The whole object. Binary storage is smaller than JSON, except for texts, which dominate where it matters. */
function checkSize(object: KubeObject): LimitProblem | undefined {
  const stored = isSecret(object) ? { ...object, data: {} } : object;
  const values = isSecret(object) ? sum(Object.values(contentOf(object)).map(decodedLength)) : 0;
  const total = utf8Length(JSON.stringify(stored)) + values;
  if (total <= OBJECT_BYTES) return undefined;
  const found = tooLarge('object_too_large', object, total, OBJECT_BYTES);
  const isEnvironment = environmentLength(object) > total / 2;
  return isEnvironment ? problem('environment_too_large', `${found.message}; ${FEWER_VARIABLES}`) : found;
}

/** Every container refers to each variable of the lab's Secret by name. */
function environmentLength(object: KubeObject): number {
  return sum(containersOf(object).map(({ env = [] }) => utf8Length(JSON.stringify(env))));
}

const isConfigMap = (object: KubeObject): object is Plain<V1ConfigMap> => object.kind === 'ConfigMap';
const isSecret = (object: KubeObject): object is Plain<V1Secret> => object.kind === 'Secret';
const isPod = (object: KubeObject): object is Plain<V1Pod> => object.kind === 'Pod';

function containersOf(object: KubeObject): readonly Plain<V1Container>[] {
  return isPod(object) ? [...(object.spec?.initContainers ?? []), ...(object.spec?.containers ?? [])] : [];
}

function contentOf(object: KubeObject): Readonly<Record<string, string>> {
  return isConfigMap(object) || isSecret(object) ? (object.data ?? {}) : {};
}

function tooLarge(reason: string, object: KubeObject, total: number, limit: number): LimitProblem {
  return problem(reason, `${title(object)} would take ${total} bytes, and Kubernetes allows ${limit}`);
}

const problem = (reason: string, message: string): LimitProblem => ({ reason, message });
const title = (object: KubeObject): string => `${object.kind ?? 'object'} ${object.metadata?.name ?? ''}`;
/** A name as a message may show it. */
const shown = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);
const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');
const decodedLength = (base64: string): number => Buffer.byteLength(base64, 'base64');

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { product } from '../common/product.js';
import type { ConfigRemark } from './problems.js';
import { quote } from './problems.js';
import { Secret } from './secret.js';
import type { EnvironmentSettings, PodMetadata, Proxies, UtilityImage } from './settings.js';
import { NOT_A_URL, flag, isHttpUrl } from './values.js';

/** The process environment, or one made up. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The environment of this process; the only door to it. */
export function processEnv(): Env {
  return process.env;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
/** Our own utility image, of our own version (contract 3.7). Who installs Berth says where it really lies. */
const DEFAULT_IMAGE = { repository: 'registry.berth.dev/berth-utility', tag: product.version };
const KAFKA = /^(METRICS_|KAFKA_|SCHEMA_MANAGER_)/;
const SENTRY = /^SENTRY_/;

export interface ReadEnvironment {
  readonly settings: EnvironmentSettings;
  /** `BERTH_INSTALL_CRDS`, which wins over the file. */
  readonly installCrds: boolean | undefined;
  readonly problems: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
}

/** Older files may still carry two values that belong into the environment. */
export interface EnvironmentFallback {
  readonly baseUrl?: string | undefined;
  readonly slackWebhook?: string | undefined;
}

/** Reads the variables of contract 3.7 that concern us. An empty variable counts as none. */
export function readEnvironment(env: Env, fallback: EnvironmentFallback = {}): ReadEnvironment {
  const problems: ConfigRemark[] = [];
  const set = (name: string): string | undefined => env[name]?.trim() || undefined;
  const url = (name: string): string | undefined => {
    const value = set(name);
    if (value !== undefined && !isHttpUrl(value)) {
      problems.push(
        about(name, `${quote(value)} is not a URL, expected one that begins with http:// or https://`),
      );
    }
    return value;
  };
  const slack = set('NUBLADO_SLACK_WEBHOOK');
  if (slack !== undefined && !isHttpUrl(slack)) problems.push(about('NUBLADO_SLACK_WEBHOOK', NOT_A_URL));
  const webhook = slack ?? (fallback.slackWebhook || undefined);
  const installCrds = readFlag('BERTH_INSTALL_CRDS', set('BERTH_INSTALL_CRDS'), problems);
  const settings: EnvironmentSettings = {
    externalInstanceUrl: url('EXTERNAL_INSTANCE_URL') ?? fallback.baseUrl ?? DEFAULT_URL,
    repertoireBaseUrl: url('REPERTOIRE_BASE_URL'),
    slackWebhook: webhook === undefined ? undefined : new Secret(webhook),
    utilityImage: utilityImage(set),
    proxies: proxiesOf(set, problems),
  };
  return { settings, installCrds, problems, warnings: warningsOf(env, set) };
}

function readFlag(name: string, value: string | undefined, problems: ConfigRemark[]): boolean | undefined {
  if (value === undefined) return undefined;
  const parsed = flag().safeParse(value);
  if (!parsed.success)
    problems.push(about(name, `${quote(value)} is not true or false, expected one of them`));
  return parsed.data;
}

/**
 * As other programs read them: lower case wins, `HTTP_PROXY` alone is for plain HTTP, and an address without a scheme is
 * one of a proxy that speaks HTTP. What is wrong with one is told without it, since it may hold a password.
 */
function proxiesOf(set: (name: string) => string | undefined, problems: ConfigRemark[]): Proxies {
  const either = (name: string): string | undefined => set(name.toLowerCase()) ?? set(name);
  const proxy = (name: string): string | undefined => {
    const value = either(name);
    const url = value === undefined || value.includes('://') ? value : `http://${value}`;
    if (url !== undefined && !isHttpUrl(url)) {
      problems.push(
        about(name, 'is not the address of a proxy, expected one such as http://proxy.example.org:3128'),
      );
    }
    return url;
  };
  return { http: proxy('HTTP_PROXY'), https: proxy('HTTPS_PROXY'), exceptions: either('NO_PROXY') };
}

function utilityImage(set: (name: string) => string | undefined): UtilityImage {
  const policy = set('NUBLADO_CONTROLLER_PULL_POLICY')?.toLowerCase();
  return {
    repository: set('NUBLADO_CONTROLLER_REPOSITORY') ?? DEFAULT_IMAGE.repository,
    tag: set('NUBLADO_CONTROLLER_TAG') ?? DEFAULT_IMAGE.tag,
    pullPolicy: policy === 'always' ? 'Always' : policy === 'never' ? 'Never' : 'IfNotPresent',
  };
}

function warningsOf(env: Env, set: (name: string) => string | undefined): ConfigRemark[] {
  const unset = ['NUBLADO_CONTROLLER_REPOSITORY', 'NUBLADO_CONTROLLER_TAG'].filter(
    (name) => set(name) === undefined,
  );
  const { repository, tag } = utilityImage(set);
  const names = Object.keys(env).filter((name) => set(name) !== undefined);
  const kafka = /^(false|0|no|off)$/i.test(env['METRICS_ENABLED'] ?? '')
    ? []
    : names.filter((name) => KAFKA.test(name));
  return [
    ...unset.map((name) =>
      about(name, `is not set, expected the utility image; ${repository}:${tag} is used`),
    ),
    ...kafka.map((name) =>
      about(name, 'is ignored because metrics are not sent to Kafka, expected Prometheus to read them'),
    ),
    ...names
      .filter((name) => SENTRY.test(name))
      .map((name) =>
        about(
          name,
          'is ignored because Sentry is not used, expected alerts from Prometheus metrics and logs',
        ),
      ),
  ];
}

/** A remark about a variable. */
export function about(name: string, message: string): ConfigRemark {
  return { file: 'environment', line: undefined, path: name, message };
}

/** Reads what the downward API says of our pod. A file that is not there, as outside a pod, is no fault. */
export function readPodMetadata(directory: string): PodMetadata {
  const read = (name: string): string | undefined => readOptional(join(directory, name))?.trim() || undefined;
  return { name: read('name'), namespace: read('namespace'), uid: read('uid') };
}

/** What a header brings as it was sent: servers cut blanks around a value, and read other letters each in their way. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Reads a secret that comes in a header from where the configuration says it is; a sentence if it is not there. */
export function readSecret(source: { env: string } | { file: string }, env: Env): Secret | string {
  const where = 'env' in source ? `the variable ${source.env}` : `the file ${source.file}`;
  const written = 'env' in source ? env[source.env] || undefined : readOptional(source.file);
  if (written === undefined)
    return `${where} ${'env' in source ? 'is not set' : 'cannot be read'}, expected the secret in it`;
  const value = written.replace(/[\r\n]+$/, '');
  if (value === '') return `${where} is empty, expected the secret in it`;
  return HEADER_VALUE.test(value)
    ? new Secret(value)
    : `${where} cannot be sent in a header, expected a secret of printable ASCII characters, with no space around it`;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

import { checkFiles } from './check.js';
import { about, readEnvironment, readPodMetadata, readSecret } from './environment.js';
import type { Env, ReadEnvironment } from './environment.js';
import type { ConfigFile } from './file.schema.js';
import { ConfigError } from './problems.js';
import type { ConfigRemark } from './problems.js';
import { Secret } from './secret.js';
import type { ImagesSettings, LabSettings, Settings } from './settings.js';

const DEFAULT_CREDENTIALS = '/etc/secrets/.dockerconfigjson';

export interface LoadRequest {
  readonly configPath: string;
  readonly extraPath?: string | undefined;
  readonly env: Env;
}

export interface LoadedSettings {
  /** Frozen through and through. */
  readonly settings: Settings;
  /** What somebody should look at, although it does not stop us. */
  readonly warnings: readonly ConfigRemark[];
}

/**
 * Reads the configuration file, the second file, the environment and our pod's metadata, once, at start.
 * @throws ConfigError carrying the problems of all of them
 */
export function loadSettings(request: LoadRequest): LoadedSettings {
  const { content, problems, warnings } = checkFiles(request.configPath, request.extraPath);
  const environment = readEnvironment(request.env, content);
  const secret = content && proxySecret(content, request.env);
  const found = [...problems, ...environment.problems, ...withoutIdentity(content, environment)];
  if (typeof secret === 'string')
    found.push({ file: request.configPath, line: 1, path: 'berth.auth.proxySecret', message: secret });
  if (!content || found.length > 0) throw new ConfigError(found);
  const known = secret instanceof Secret ? secret : undefined;
  const settings = freeze(assemble(content, environment, known));
  return { settings, warnings: [...warnings, ...environment.warnings] };
}

function proxySecret(content: ConfigFile, env: Env): Secret | string | undefined {
  const source = content.berth.auth.proxySecret;
  return source && readSecret(source, env);
}

/** Gafaelfawr must be found somehow, or every request would be refused later and nobody would know why. */
function withoutIdentity(content: ConfigFile | undefined, environment: ReadEnvironment): ConfigRemark[] {
  const auth = content?.berth.auth;
  const found =
    (auth?.provider !== 'gafaelfawr' || auth.gafaelfawrUrl) ?? environment.settings.repertoireBaseUrl;
  return found
    ? []
    : [
        about(
          'REPERTOIRE_BASE_URL',
          'is not set, expected the URL of Repertoire (or berth.auth.gafaelfawrUrl in the file)',
        ),
      ];
}

function assemble(content: ConfigFile, environment: ReadEnvironment, secret: Secret | undefined): Settings {
  const { berth, logProfile, profile, lab, images } = content;
  return {
    name: content.name,
    pathPrefix: content.pathPrefix,
    logLevel: content.logLevel,
    logProfile: logProfile ?? profile ?? 'production',
    images: imagesOf(images),
    dropdownMenu: content.dropdownMenu,
    lab: labOf(lab),
    fileserver: content.fileserver,
    fsadmin: content.fsadmin,
    berth: { ...berth, installCrds: environment.installCrds ?? berth.installCrds },
    proxySecret: secret,
    pod: readPodMetadata(content.metadataPath),
    ...environment.settings,
  };
}

function labOf(written: ConfigFile['lab']): LabSettings {
  const { tmpSource, ...lab } = written;
  return {
    ...lab,
    emptyDirSource: lab.emptyDirSource ?? tmpSource ?? 'memory',
    homeVolumeName: lab.homeVolumeName ?? 'home',
    sizes: lab.sizes ?? [],
  };
}

function imagesOf(written: ConfigFile['images']): ImagesSettings {
  const { credentialsPath, ...source } = written.source;
  const path = written.dockerCredentialsPath;
  return {
    ...written,
    source,
    dockerCredentialsPath: path === null ? undefined : (path ?? credentialsPath ?? DEFAULT_CREDENTIALS),
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}

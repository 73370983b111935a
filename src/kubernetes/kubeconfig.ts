import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { ControllerError } from '../common/errors.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** No usable description of a cluster was found; the message says where we looked. */
export class KubeconfigError extends ControllerError {
  readonly code = 'kubeconfig_unusable';
}

/** What the SDK made of the kubeconfig, and the one thing it drops. */
export interface LoadedConfig {
  readonly config: KubeConfig;
  /** `tokenFile` of the user (the SDK knows only a spelling that kubectl does not). */
  readonly tokenFile?: string | undefined;
}

interface RawConfig {
  readonly users?: readonly {
    readonly name?: string;
    readonly user?: { readonly tokenFile?: string } | null;
  }[];
}

export interface ConfigSource {
  /** Paths as in `KUBECONFIG`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Loads through the SDK, which is imported only here (a quarter of a second): the files named, else the pod's
 * service account, else `~/.kube/config`. Throws `KubeconfigError`; never guesses an address.
 */
export async function loadConfig(source: ConfigSource): Promise<LoadedConfig> {
  const sdk = await import('@kubernetes/client-node');
  const config = new sdk.KubeConfig();
  const files = await findFiles(source.kubeconfig);
  if (!files) {
    config.loadFromCluster();
    return { config };
  }
  try {
    for (const [index, file] of files.entries()) {
      const next = index === 0 ? config : new sdk.KubeConfig();
      next.loadFromFile(file);
      if (next !== config) config.mergeConfig(next, true);
    }
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${files.join(', ')}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  selectContext(config, source.context, files.join(', '));
  return { config, tokenFile: await findTokenFile(files, config.getCurrentUser()?.name) };
}

async function findFiles(kubeconfig: string | undefined): Promise<readonly string[] | undefined> {
  const named = (kubeconfig ?? '').split(delimiter).filter((path) => path !== '');
  if (named.length > 0) return named;
  if (await exists(join(SERVICE_ACCOUNT, 'token'))) return undefined;
  const home = join(homedir(), '.kube', 'config');
  if (await exists(home)) return [home];
  throw new KubeconfigError(`no cluster: KUBECONFIG is not set, no service account, no ${home}`);
}

const CHOOSE = 'kubectl config use-context chooses another';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
};

/** Never the parser's own words: they quote the file, and it holds credentials. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code === '' ? 'it is not a kubeconfig in YAML' : `the system says ${code}`);
}

function selectContext(config: KubeConfig, context: string | undefined, where: string): void {
  if (context !== undefined) config.setCurrentContext(context);
  // The type says that there is one; an empty file has none.
  if (!(config.getCurrentContext() as string | undefined)) {
    throw new KubeconfigError(`the kubeconfig ${where} has no current context; ${CHOOSE}`);
  }
  if (!config.getContextObject(config.getCurrentContext())) {
    const name = config.getCurrentContext();
    throw new KubeconfigError(`the kubeconfig ${where} has no context '${name}', its current one; ${CHOOSE}`);
  }
  if (!config.getCurrentCluster()) {
    const name = config.getCurrentContext();
    throw new KubeconfigError(
      `the context '${name}' of the kubeconfig ${where} names no cluster of it; ${CHOOSE}`,
    );
  }
}

async function findTokenFile(
  files: readonly string[],
  user: string | undefined,
): Promise<string | undefined> {
  for (const file of files) {
    const raw = parse(await readFile(file, 'utf8')) as RawConfig | null;
    const found = raw?.users?.find((entry) => entry.name === user)?.user?.tokenFile;
    if (found !== undefined) return resolve(dirname(file), found);
  }
  return undefined;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

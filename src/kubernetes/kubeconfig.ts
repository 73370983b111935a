import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ControllerError } from '../common/errors.js';
import { readKubeconfig } from './kubeconfig-file.js';
import type { KubeconfigFile, LoadedConfig } from './kubeconfig-file.js';
import { SERVICE_ACCOUNT, inCluster } from './service-account.js';

/** No usable description of a cluster was found; the message says where we looked. */
export class KubeconfigError extends ControllerError {
  readonly code = 'kubeconfig_unusable';
}

export interface ConfigSource {
  /** Paths as in `KUBECONFIG`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Reads the files named, else the pod's service account, else `~/.kube/config`. Of several files, whichever is the first to
 * name something wins, as with kubectl. Throws `KubeconfigError`; never guesses an address.
 */
export async function loadConfig(source: ConfigSource): Promise<LoadedConfig> {
  const paths = await findFiles(source.kubeconfig);
  if (!paths) return inCluster();
  const files: KubeconfigFile[] = [];
  for (const path of paths) {
    files.push(
      await readKubeconfig(path).catch((error: unknown) => {
        throw new KubeconfigError(`cannot read the kubeconfig ${paths.join(', ')}: ${reasonOf(error)}`, {
          cause: error,
        });
      }),
    );
  }
  const chosen = selectContext(files, source.context, paths.join(', '));
  const named = files.flatMap(({ users }) => users).find(({ user }) => user.name === chosen.context.user);
  return { ...chosen, user: named?.user, tokenFile: named?.tokenFile };
}

/**
 * What the SDK makes of the same: it knows how to ask the plugins that a kubeconfig names. Imported only where one is named:
 * it costs a quarter of a second and forty mebibytes.
 */
export async function withPlugins({ context, cluster, user }: LoadedConfig): Promise<KubeConfig> {
  const sdk = await import('@kubernetes/client-node');
  const config = new sdk.KubeConfig();
  config.loadFromOptions({
    clusters: [cluster],
    users: user ? [user] : [],
    contexts: [context],
    currentContext: context.name,
  });
  return config;
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
  // The parser has codes of its own.
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code === '' ? 'it is not a kubeconfig in YAML' : `the system says ${code}`);
}

function selectContext(
  files: readonly KubeconfigFile[],
  wanted: string | undefined,
  where: string,
): Pick<LoadedConfig, 'context' | 'cluster'> {
  const name = wanted ?? files.find(({ current }) => current !== '')?.current;
  if (name === undefined) {
    throw new KubeconfigError(`the kubeconfig ${where} has no current context; ${CHOOSE}`);
  }
  const context = files.flatMap(({ contexts }) => contexts).find((one) => one.name === name);
  if (!context) {
    throw new KubeconfigError(`the kubeconfig ${where} has no context '${name}', its current one; ${CHOOSE}`);
  }
  const cluster = files.flatMap(({ clusters }) => clusters).find((one) => one.name === context.cluster);
  if (!cluster) {
    throw new KubeconfigError(
      `the context '${name}' of the kubeconfig ${where} names no cluster of it; ${CHOOSE}`,
    );
  }
  return { context, cluster };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

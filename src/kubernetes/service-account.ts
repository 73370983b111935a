import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { processEnv } from '../config/index.js';
import type { LoadedConfig } from './kubeconfig-file.js';

/** Where Kubernetes puts what a pod is to its cluster (Kubernetes, "Accessing the Kubernetes API from a Pod"). */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const NAME = 'service-account';
/** Ports of API servers that speak plain HTTP, as the official clients have it. */
const PLAIN: ReadonlySet<string> = new Set(['80', '8080', '8001']);

/** The cluster whose pod this is. */
export async function inCluster(
  folder: string = SERVICE_ACCOUNT,
  env: Readonly<Record<string, string | undefined>> = processEnv(),
): Promise<LoadedConfig> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  const scheme = PLAIN.has(port) ? 'http' : 'https';
  const server = `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => undefined);
  return {
    context: { name: NAME, cluster: NAME, user: NAME, ...(namespace === undefined ? {} : { namespace }) },
    cluster: { name: NAME, server, caFile: join(folder, 'ca.crt'), skipTLSVerify: false },
    user: { name: NAME },
    tokenFile: join(folder, 'token'),
  };
}

/*
 * Names that Berth itself gives a meaning to, in a lab (contract 3.6 and 5.4) or in URLs, so that configuration and
 * requests cannot take them.
 */

/** Mount points whose content is ours; exact matches only (contract 3, "volume mount"). */
export const RESERVED_MOUNTS: ReadonlySet<string> = new Set(['/etc/group', '/etc/passwd', '/tmp']);

/** Environment variables that `lab.env` must not set. */
export const RESERVED_ENV: ReadonlySet<string> = new Set([
  'ACCESS_TOKEN',
  'DEBUG',
  'CONTAINER_SIZE',
  'CPU_GUARANTEE',
  'CPU_LIMIT',
  'EXTERNAL_INSTANCE_URL',
  'IMAGE_DIGEST',
  'IMAGE_DESCRIPTION',
  'JPY_API_TOKEN',
  'JUPYTER_IMAGE',
  'JUPYTER_IMAGE_SPEC',
  'KUBERNETES_NODE_NAME',
  'MEM_GUARANTEE',
  'MEM_LIMIT',
  'RESET_USER_ENV',
]);

/** True for names that only JupyterHub or Berth may set. */
export function isReservedEnv(name: string): boolean {
  return RESERVED_ENV.has(name) || name.startsWith('JUPYTERHUB_');
}

/** Where the kubelet asks for health, whatever the prefix. */
export const HEALTH_PATH = '/health';

/** Below `pathPrefix`, what Berth itself answers. */
export const OWN_PATHS: readonly string[] = [
  'admin/v1',
  'docs',
  'fileserver/v1',
  'fsadmin/v1',
  'openapi.json',
  'redoc',
  'spawner/v1',
];

/** Volumes that every lab pod has (contract 5.4). */
export const LAB_VOLUMES: ReadonlySet<string> = new Set([
  'passwd',
  'group',
  'discovery-v1-json',
  'secrets',
  'env',
  'tmp',
  'runtime',
  'lab-startup',
]);

/** The key of the files ConfigMap, and the volume's name, that `lab.files[path]` gets (contract 5.3). */
export function fileKey(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/[_.]/g, '-');
}

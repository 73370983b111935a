import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of this JSON is a valid kubeconfig. */
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly object[];
  readonly users: readonly object[];
  readonly contexts: readonly object[];
  readonly 'current-context': string;
}

/** Tokens by user name. */
export type Tokens = Readonly<Record<string, string>>;

/** The names under which the two programs log in; Kubernetes has bound roles to them. */
export const CONTROLLER_MANAGER = 'system:kube-controller-manager';
export const SCHEDULER = 'system:kube-scheduler';

/** Writes the keys of service accounts and the token file; `admin` may do everything, all others what RBAC says. */
export async function writeCredentials(folder: string, users: readonly string[]): Promise<Tokens> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const names = [...new Set(['admin', CONTROLLER_MANAGER, SCHEDULER, ...users])];
  const tokens = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('hex')]));
  const lines = names.map((name) => {
    const groups = groupOf(name);
    return `${tokens[name] ?? ''},${name},${name},${groups}`;
  });
  await Promise.all([
    writeFile(join(folder, 'sa.key'), privateKey, { mode: 0o600 }),
    writeFile(join(folder, 'sa.pub'), publicKey),
    writeFile(join(folder, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 }),
  ]);
  return tokens;
}

/** The API server makes its own certificate; the file holds leaf and issuer, which is every client's authority. */
export function readAuthority(folder: string): Promise<string> {
  return readFile(join(folder, 'certs', 'apiserver.crt'), 'utf8');
}

export interface KubeconfigFacts {
  readonly url: string;
  readonly ca: string;
  readonly user: string;
  readonly token: string;
  readonly namespace: string;
}

export function kubeconfigOf({ url, ca, user, token, namespace }: KubeconfigFacts): Kubeconfig {
  const authority = Buffer.from(ca).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user, namespace } }],
    'current-context': 'real',
  };
}

/** A node is known by its name and by this group (Kubernetes, "Using Node Authorization"). */
function groupOf(user: string): string {
  if (user === 'admin') return 'system:masters';
  return user.startsWith('system:node:') ? 'system:nodes' : '';
}

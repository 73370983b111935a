import { credentialNames } from './registry.hosts.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Credentials by host, as a `.dockerconfigjson` file holds them. */
export type CredentialStore = ReadonlyMap<string, Credentials>;

/**
 * Reads a `.dockerconfigjson` (Kubernetes, "kubernetes.io/dockerconfigjson"). Entries without user and password are
 * left out: nothing can be done with them here.
 *
 * @returns undefined if the text is no such file. The reason is not told, since it might quote a secret.
 */
export function parseDockerConfig(text: string): CredentialStore | undefined {
  const auths = field(parseJson(text), 'auths');
  if (typeof auths !== 'object' || auths === null) return undefined;
  const store = new Map<string, Credentials>();
  for (const [name, entry] of Object.entries(auths)) {
    const credentials = readEntry(entry);
    if (credentials) store.set(hostOf(name), credentials);
  }
  return store;
}

/** The credentials of a registry, or of the nearest parent domain that has some. */
export function findCredentials(store: CredentialStore, registry: string): Credentials | undefined {
  for (const name of credentialNames(registry)) {
    const credentials = store.get(name);
    if (credentials) return credentials;
  }
  return undefined;
}

export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function readEntry(entry: unknown): Credentials | undefined {
  const [username, password, auth] = [
    field(entry, 'username'),
    field(entry, 'password'),
    field(entry, 'auth'),
  ];
  if (typeof username === 'string' && username !== '' && typeof password === 'string')
    return { username, password };
  if (typeof auth !== 'string') return undefined;
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Keys may be URLs with a path: `https://index.docker.io/v1/`. */
function hostOf(name: string): string {
  return name
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

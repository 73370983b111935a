/** Which registries are spoken to how, from the configuration. */
export interface RegistryHostSettings {
  /** `host` or `host:port` of registries without TLS. Those on loopback need no mention. */
  readonly insecureRegistries: readonly string[];
  /** `host` or `host:port` that may see our credentials in exchange for a token, besides the registry's own. */
  readonly realmAllowList: readonly string[];
}

/** Docker Hub's references, API and tokens live on three hosts, and it is the default registry (contract 3.2). */
const HUB_NAMES: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const HUB_API = 'registry-1.docker.io';
const HUB_REALM = 'auth.docker.io';

/** Where the API of a registry is, without a slash at the end: `https://registry.example.org`. */
export function registryOrigin(registry: string, settings: RegistryHostSettings): string {
  if (HUB_NAMES.has(registry)) return `https://${HUB_API}`;
  const { hostname } = new URL(`https://${registry}`);
  const insecure = isLoopback(hostname) || settings.insecureRegistries.includes(registry);
  return `${insecure ? 'http' : 'https'}://${registry}`;
}

/**
 * Whether credentials may be shown to a token service that a registry named. A registry that somebody else controls
 * could name any; so only its own host, that host's parent domains, and what the operator allowed. Never over a
 * connection less safe than the registry's own.
 */
export function isRealmAllowed(realm: URL, registry: string, settings: RegistryHostSettings): boolean {
  const origin = new URL(registryOrigin(registry, settings));
  if (realm.username !== '' || realm.password !== '') return false;
  if (realm.protocol !== 'https:' && (realm.protocol !== 'http:' || origin.protocol !== 'http:'))
    return false;
  if (HUB_NAMES.has(registry) && realm.host === HUB_REALM) return true;
  return isListed(realm, settings.realmAllowList) || lookupNames(origin.host).includes(realm.host);
}

/** Whether a list of `host` and `host:port` names where a URL leads. */
export function isListed(url: URL, hosts: readonly string[]): boolean {
  return hosts.some((entry) => entry === url.host || entry === withPort(url));
}

/**
 * Under which names the credentials of a host may be kept, nearest first: itself, then its parent domains.
 * A top-level domain or an address has no parent.
 */
export function lookupNames(host: string): readonly string[] {
  const names = [host];
  if (/^[\d.]+(:\d+)?$/.test(host) || host.startsWith('[')) return names;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const parent = host.slice(dot + 1);
    if (parent.includes('.')) names.push(parent);
  }
  return names;
}

/** The names under which `docker login` and others keep credentials for a registry. */
export function credentialNames(registry: string): readonly string[] {
  return HUB_NAMES.has(registry) ? [...HUB_NAMES] : lookupNames(registry.toLowerCase());
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function withPort(url: URL): string {
  return url.port === '' ? `${url.hostname}:${url.protocol === 'https:' ? 443 : 80}` : url.host;
}

import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Proxies } from '../config/index.js';
import { seconds } from '../common/units.js';
import { UnreadableAuthorities } from './images.errors.js';

/** How registries are reached. */
export interface RegistryNetwork {
  readonly proxies: Proxies;
  /** PEM file of authorities to trust besides those that Node trusts. */
  readonly caPath: string | undefined;
  /** `host` or `host:port` that a registry may redirect to, besides itself. */
  readonly redirectHosts: readonly string[];
}

const CONNECT_TIMEOUT = seconds(10);
const CONNECTIONS = 8;
/** No proxy could reach what we mean by these. */
const LOOPBACK = 'localhost,127.0.0.1,[::1]';

/** Connections of their own, so that no other client's settings matter. @throws UnreadableAuthorities */
export function openAgent({ proxies, caPath }: RegistryNetwork): Dispatcher {
  const ca = caPath === undefined ? undefined : [...rootCertificates, readAuthorities(caPath)];
  const tls = { timeout: CONNECT_TIMEOUT, ...(ca && { ca }) };
  const options = { connect: tls, connections: CONNECTIONS };
  const { http, https, exceptions } = proxies;
  if (http === undefined && https === undefined) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    requestTls: tls,
    proxyTls: tls,
    // An empty text means none; undefined would have it look at the environment itself.
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: exceptions === '*' ? '*' : [LOOPBACK, exceptions].filter(Boolean).join(','),
  });
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UnreadableAuthorities(path, error);
  }
}

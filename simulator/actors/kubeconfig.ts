import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Where an API server is and how to be let in. */
export interface Connection {
  url: string;
  /** PEM of the authority that signed the server's certificate. */
  ca?: string;
  token?: string;
  cert?: string;
  key?: string;
}

interface Cluster {
  server: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
}

interface User {
  token?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
}

interface Kubeconfig {
  'current-context': string;
  clusters: { name: string; cluster: Cluster }[];
  users: { name: string; user: User }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

/** Reads the current context of a kubeconfig file (YAML or JSON). Throws a sentence if it has none. */
export function connectionFromKubeconfig(file: string): Connection {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const context = config.contexts.find((each) => each.name === config['current-context'])?.context;
  const cluster = config.clusters.find((each) => each.name === context?.cluster)?.cluster;
  if (cluster === undefined) throw new Error(`${file} has no usable current context`);
  const user = config.users.find((each) => each.name === context?.user)?.user ?? {};
  const parts = {
    ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: pem(user['client-certificate-data'], user['client-certificate']),
    key: pem(user['client-key-data'], user['client-key']),
    token: user.token,
  };
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return { url: cluster.server.replace(/\/$/, ''), ...(Object.fromEntries(given) as Partial<Connection>) };
}

function pem(data: string | undefined, file: string | undefined): string | undefined {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

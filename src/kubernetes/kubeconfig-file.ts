import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Cluster, Context, User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { z } from 'zod';

/** Where the cluster is and who we are to it, by the current context. */
export interface LoadedConfig {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly user: User | undefined;
  readonly tokenFile?: string | undefined;
}

/** One file of `KUBECONFIG`, in the SDK's words. */
export interface KubeconfigFile {
  /** Its current context; empty where it names none. */
  readonly current: string;
  readonly clusters: readonly Cluster[];
  readonly contexts: readonly Context[];
  readonly users: readonly NamedUser[];
}

interface NamedUser {
  readonly user: User;
  /** The SDK knows only a spelling that kubectl does not. */
  readonly tokenFile: string | undefined;
}

const text = z.string().nullish();
/** Names that YAML takes for numbers are none here. */
const listOf = <T extends z.ZodType>(one: T) => z.array(one).nullish();

/** Only what is used, of what kubectl writes (Kubernetes, "kubeconfig v1"). */
const SCHEMA = z
  .object({
    'current-context': text,
    clusters: listOf(
      z.object({
        name: z.string(),
        cluster: z.object({
          server: z.string(),
          'certificate-authority-data': text,
          'certificate-authority': text,
          'insecure-skip-tls-verify': z.boolean().nullish(),
          'tls-server-name': text,
          'proxy-url': text,
        }),
      }),
    ),
    contexts: listOf(
      z.object({
        name: z.string(),
        context: z.object({ cluster: text, user: text, namespace: text }),
      }),
    ),
    users: listOf(
      z.object({
        name: z.string(),
        user: z
          .object({
            'client-certificate-data': text,
            'client-certificate': text,
            'client-key-data': text,
            'client-key': text,
            token: text,
            tokenFile: text,
            'token-file': text,
            username: text,
            password: text,
            as: text,
            exec: z.unknown().optional(),
            'auth-provider': z.unknown().optional(),
          })
          .nullish(),
      }),
    ),
  })
  .nullish();

type Raw = NonNullable<z.infer<typeof SCHEMA>>;
type Entry<K extends 'clusters' | 'contexts' | 'users'> = NonNullable<Raw[K]>[number];

/** Throws what the system or the parser says; their words may quote the file, and it holds credentials. */
export async function readKubeconfig(path: string): Promise<KubeconfigFile> {
  const raw = SCHEMA.parse(parse(await readFile(path, 'utf8'))) ?? {};
  const at = (file: string): string => resolve(dirname(path), file);
  return {
    current: raw['current-context'] ?? '',
    clusters: (raw.clusters ?? []).map((entry) => clusterOf(entry, at)),
    contexts: (raw.contexts ?? []).map(contextOf),
    users: (raw.users ?? []).map((entry) => userOf(entry, at)),
  };
}

type Place = (file: string) => string;

function clusterOf({ name, cluster }: Entry<'clusters'>, at: Place): Cluster {
  return {
    name,
    server: cluster.server,
    skipTLSVerify: cluster['insecure-skip-tls-verify'] === true,
    ...member('caData', cluster['certificate-authority-data']),
    ...member('caFile', cluster['certificate-authority'], at),
    ...member('tlsServerName', cluster['tls-server-name']),
    ...member('proxyUrl', cluster['proxy-url']),
  };
}

function contextOf({ name, context }: Entry<'contexts'>): Context {
  const { cluster, user, namespace } = context;
  return { name, cluster: cluster ?? '', user: user ?? '', ...member('namespace', namespace) };
}

function userOf({ name, user }: Entry<'users'>, at: Place): NamedUser {
  const raw: NonNullable<typeof user> = user ?? {};
  const { exec, 'auth-provider': authProvider } = raw;
  return {
    user: {
      name,
      ...member('certData', raw['client-certificate-data']),
      ...member('certFile', raw['client-certificate'], at),
      ...member('keyData', raw['client-key-data']),
      ...member('keyFile', raw['client-key'], at),
      ...member('token', raw.token),
      ...member('username', raw.username),
      ...member('password', raw.password),
      ...member('impersonateUser', raw.as),
      ...(isGiven(exec) ? { exec } : {}),
      ...(isGiven(authProvider) ? { authProvider } : {}),
    },
    tokenFile: member('file', raw.tokenFile ?? raw['token-file'], at).file,
  };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** A member only where there is something to say. */
function member<K extends string>(
  name: K,
  value: string | null | undefined,
  change: (value: string) => string = (same) => same,
): Partial<Record<K, string>> {
  if (value === undefined || value === null || value === '') return {};
  return { [name]: change(value) } as Partial<Record<K, string>>;
}

import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';
import { loadConfig, withPlugins } from './kubeconfig.js';
import type { ConfigSource } from './kubeconfig.js';
import type { LoadedConfig } from './kubeconfig-file.js';
import { RotatingFile } from './rotating-file.js';

/** What a TLS connection to the API server needs. Undefined members keep Node's defaults. */
export interface TlsMaterial {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized: boolean;
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** How long they are used without a look at the files, each of which looks for itself every few seconds. */
const KEPT = 1000;
/** How long the answer of an exec plugin is used without asking the SDK, which keeps it until it expires. */
const EXEC_KEPT = 5000;

type ExecOptions = RequestOptions & { headers?: Record<string, string>; cert?: string; key?: string };

/** Who we are, always current: each of its files is read again when it was replaced. */
export class CredentialSource {
  private readonly token: RotatingFile | undefined;
  private readonly ca: RotatingFile | undefined;
  private readonly cert: RotatingFile | undefined;
  private readonly key: RotatingFile | undefined;
  private readonly files: readonly RotatingFile[];
  private kept: { readonly at: number; readonly credentials: Promise<Credentials> } | undefined;
  private plugin: { readonly at: number; readonly options: ExecOptions } | undefined;
  private sdk: KubeConfig | undefined;

  constructor(
    private loaded: LoadedConfig,
    private readonly source: ConfigSource,
    private readonly clock: Clock,
    log: Log,
  ) {
    const open = (path: string | undefined): RotatingFile | undefined =>
      path === undefined || path === '' ? undefined : new RotatingFile(path, clock, log);
    const { cluster, user } = loaded;
    this.token = open(loaded.tokenFile ?? tokenFileOf(user));
    this.ca = open(cluster.caFile);
    this.cert = open(user?.certFile);
    this.key = open(user?.keyFile);
    this.files = [this.token, this.ca, this.cert, this.key].filter((file) => file !== undefined);
  }

  /** Rejects when a file or the plugin gives nothing at all. The same object as long as nothing may have changed. */
  current(): Promise<Credentials> {
    const now = this.clock.monotonic();
    if (this.kept && now - this.kept.at < KEPT) return this.kept.credentials;
    const credentials = this.gather();
    this.kept = { at: now, credentials };
    // What failed is tried again by whoever asks next.
    void credentials.catch(() => (this.kept = undefined));
    return credentials;
  }

  /** The API server refused them: everything is read and asked anew. */
  async invalidate(): Promise<void> {
    this.kept = undefined;
    for (const file of this.files) file.invalidate();
    if (!this.usesPlugin) return;
    this.plugin = undefined;
    // The SDK keeps a plugin's answer for as long as the configuration lives.
    this.loaded = await loadConfig(this.source);
    this.sdk = undefined;
    this.kept = undefined;
  }

  private async gather(): Promise<Credentials> {
    const { cluster, user } = this.loaded;
    const tls: TlsMaterial = {
      ca: await contentOf(this.ca, cluster.caData),
      cert: await contentOf(this.cert, user?.certData),
      key: await contentOf(this.key, user?.keyData),
      servername: cluster.tlsServerName,
      rejectUnauthorized: !cluster.skipTLSVerify,
    };
    const headers = await this.headers();
    if (!this.usesPlugin) return { headers, tls };
    const plugin = await this.askPlugin();
    return { headers: { ...headers, ...plugin.headers }, tls: { ...tls, ...plugin.tls } };
  }

  private get usesPlugin(): boolean {
    return !this.token && Boolean(this.loaded.user?.exec ?? this.loaded.user?.authProvider);
  }

  private async headers(): Promise<Record<string, string>> {
    const headers: Record<string, string> = {};
    const { user } = this.loaded;
    if (this.token) headers.authorization = `Bearer ${(await this.token.read()).toString('utf8').trim()}`;
    else if (user?.token) headers.authorization = `Bearer ${user.token.trim()}`;
    else if (user?.username) {
      headers.authorization = `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
    }
    if (user?.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
    return headers;
  }

  private async askPlugin(): Promise<{ headers: Record<string, string>; tls: Partial<TlsMaterial> }> {
    const now = this.clock.monotonic();
    if (!this.plugin || now - this.plugin.at > EXEC_KEPT) {
      const options: ExecOptions = { headers: {} };
      this.sdk ??= await withPlugins(this.loaded);
      await this.sdk.applyToHTTPSOptions(options);
      this.plugin = { at: now, options };
    }
    const { headers = {}, cert, key } = this.plugin.options;
    const authorization = headers.Authorization;
    return {
      headers: authorization === undefined ? {} : { authorization },
      tls: cert !== undefined && key !== undefined ? { cert, key } : {},
    };
  }
}

/** A file goes before data inside the kubeconfig, as in the SDK. */
const contentOf = async (file: RotatingFile | undefined, base64: string | undefined | null) =>
  file ? file.read() : base64 ? Buffer.from(base64, 'base64') : undefined;

function tokenFileOf(user: LoadedConfig['user']): string | undefined {
  const provider = user?.authProvider as { config?: { tokenFile?: string } } | undefined;
  return provider?.config?.tokenFile;
}

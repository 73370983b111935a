import { Pool, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import { millis } from '../common/units.js';
import type { Credentials, TlsMaterial } from './credentials.js';
import type { KubeConnection } from './connection.js';

/** Shorter than the 90 s after which the API server closes idle connections itself. */
const KEEP_IDLE = millis(60_000);
const CONNECT_WITHIN = millis(5000);
/** Watches and vital requests are few, and each holds its connection; the bound is a guard against a leak. */
const MAX_WATCHES = 256;

export interface PoolPair {
  readonly requests: Dispatcher;
  /** For what is vital too: in the pool of requests it would wait behind those that hang. */
  readonly watches: Dispatcher;
  readonly headers: Credentials['headers'];
}

/**
 * The connections to one API server: one pool for requests and one for watches, so that neither starves the other.
 * Both are replaced when the certificates change; what runs on the old ones ends there.
 */
export class Pools {
  private current: { tls: TlsMaterial; requests: Dispatcher; watches: Dispatcher } | undefined;

  constructor(
    private readonly connection: KubeConnection,
    private readonly connections: number,
  ) {}

  async take(): Promise<PoolPair> {
    const { headers, tls } = await this.connection.credentials.current();
    if (!this.current || (tls !== this.current.tls && !isSame(this.current.tls, tls))) {
      void this.current?.requests.close();
      void this.current?.watches.close();
      this.current = {
        tls,
        requests: this.open(tls, this.connections),
        watches: this.open(tls, MAX_WATCHES),
      };
    }
    return { headers, requests: this.current.requests, watches: this.current.watches };
  }

  /** Ends every connection, whatever runs on it. */
  async close(): Promise<void> {
    await Promise.all([this.current?.requests.destroy(), this.current?.watches.destroy()]);
    this.current = undefined;
  }

  private open(tls: TlsMaterial, connections: number): Dispatcher {
    const { proxy, server } = this.connection;
    const defined = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    // Time limits are ours alone: undici's would end a quiet watch.
    const common = {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_IDLE,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    if (proxy !== undefined) return new ProxyAgent({ ...common, uri: proxy, requestTls: defined });
    return new Pool(new URL(server).origin, { ...common, connect: { ...defined, timeout: CONNECT_WITHIN } });
  }
}

const isSame = (a: TlsMaterial, b: TlsMaterial): boolean =>
  a.rejectUnauthorized === b.rejectUnauthorized &&
  a.servername === b.servername &&
  isEqual(a.ca, b.ca) &&
  isEqual(a.cert, b.cert) &&
  isEqual(a.key, b.key);

const isEqual = (a: Buffer | string | undefined, b: Buffer | string | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.from(a).equals(Buffer.from(b)));

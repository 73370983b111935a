import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Connection } from './kubeconfig.js';
import { sleep } from './pacing.js';

type Query = Record<string, string>;

export interface Call {
  query?: Query;
  body?: unknown;
  contentType?: string;
  accept?: string;
}

/** The API server refused; `status` is the HTTP code, `reason` that of the Status body. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const transient = new Set([429, 500, 502, 503, 504]);
const attempts = 6;

/** Whether `error` is an answer of the API server with one of these codes. */
export function isStatus(error: unknown, ...codes: number[]): boolean {
  return error instanceof ApiError && codes.includes(error.status);
}

/** A plain Kubernetes client over kept-alive connections. Network failures and 429/5xx are repeated a few times. */
export class Client {
  private readonly requests: Agent;
  private readonly watches: Agent;
  private readonly headers: Record<string, string>;

  constructor(
    private readonly connection: Connection,
    userAgent = 'berth-simulator-actors',
  ) {
    const { ca, cert, key } = connection;
    const connect = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    this.requests = new Agent({ connections: 32, keepAliveTimeout: 60_000, connect, headersTimeout: 60_000 });
    this.watches = new Agent({
      connect,
      keepAliveTimeout: 1_000,
      headersTimeout: 30_000,
      bodyTimeout: 330_000,
    });
    this.headers = { 'user-agent': userAgent };
    if (connection.token !== undefined) this.headers['authorization'] = `Bearer ${connection.token}`;
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.call<T>('GET', path, query ? { query } : {});
  }

  /** The object, or undefined where there is none. */
  async find<T>(path: string): Promise<T | undefined> {
    return orUndefined(this.get<T>(path), 404);
  }

  create<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('POST', path, { body });
  }

  /** The object made, or undefined where one of that name exists. */
  createIfAbsent<T>(path: string, body: unknown): Promise<T | undefined> {
    return orUndefined(this.create<T>(path, body), 409);
  }

  replace<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PUT', path, { body });
  }

  merge<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  }

  jsonPatch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PATCH', path, { body, contentType: 'application/json-patch+json' });
  }

  /** Asks for deletion; an absent object counts as deleted. */
  async remove(path: string, options: unknown = {}): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...(options as object) };
    await orUndefined(this.call('DELETE', path, { body }), 404);
  }

  /** One request; throws ApiError on a refusal that repeating does not heal. */
  async call<T>(method: Dispatcher.HttpMethod, path: string, call: Call = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once<T>(method, path, call);
      } catch (error) {
        const final = error instanceof ApiError && !transient.has(error.status);
        if (final || attempt >= attempts || this.requests.closed || this.requests.destroyed) throw error;
        await sleep(20 * 2 ** attempt);
      }
    }
  }

  /** Opens a watch and yields its lines as text until the server or the signal ends it. */
  async *lines(path: string, query: Query, signal: AbortSignal): AsyncGenerator<string> {
    const target = `${path}?${new URLSearchParams(query).toString()}`;
    const origin = this.connection.url;
    const headers = { ...this.headers, accept: 'application/json' };
    const answer = await this.watches.request({ origin, path: target, method: 'GET', headers, signal });
    if (answer.statusCode !== 200) throw refusal(answer.statusCode, await answer.body.text());
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of answer.body) {
      // Only a line feed ends a line: other separators of Unicode are legal inside JSON strings.
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.requests.destroy(), this.watches.destroy()]);
  }

  private async once<T>(method: Dispatcher.HttpMethod, path: string, call: Call): Promise<T> {
    const query = call.query ? `?${new URLSearchParams(call.query).toString()}` : '';
    const headers: Record<string, string> = { ...this.headers, accept: call.accept ?? 'application/json' };
    if (call.body !== undefined) headers['content-type'] = call.contentType ?? 'application/json';
    const answer = await this.requests.request({
      origin: this.connection.url,
      path: path + query,
      method,
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      // Else undici closes the connection after each DELETE with a body.
      reset: false,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw refusal(answer.statusCode, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function refusal(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(status, body.reason ?? '', body.message ?? text);
  } catch {
    return new ApiError(status, '', text.slice(0, 500));
  }
}

async function orUndefined<T>(answer: Promise<T>, code: number): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, code)) return undefined;
    throw error;
  }
}

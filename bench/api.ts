import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';

/** How a client reaches the API server; on the real one with a certificate and a token. */
export interface ApiAddress {
  readonly url: string;
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
}

/** One answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** An object, or JSON that is text already. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A bare HTTP client on one keep-alive pool: as little between the benchmark and the server as can be. */
export class BareClient {
  private readonly agent: Agent;
  private readonly baseUrl: string;
  private readonly credentials: Readonly<Record<string, string>>;
  private sent = 0;

  constructor(
    { url, ca, token }: ApiAddress,
    /** At the head of every request's user agent: by it the cluster tells who asked. */
    who = 'bench',
    connections = 128,
  ) {
    const connect = ca === undefined ? {} : { connect: { ca } };
    this.agent = new Agent({ connections, bodyTimeout: 0, headersTimeout: 120_000, ...connect });
    this.baseUrl = url;
    this.credentials = {
      'user-agent': `${who}/1`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.sent;
  }

  async call(path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Answer> {
    this.sent += 1;
    const response = await request(`${this.baseUrl}${path}`, {
      dispatcher: this.agent,
      method,
      headers: { 'content-type': 'application/json', ...this.credentials, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    };
  }

  /** A response that stays open, as it comes. */
  async open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Readable> {
    this.sent += 1;
    const options = { dispatcher: this.agent, headers: { ...this.credentials, ...headers } };
    const response = await request(`${this.baseUrl}${path}`, options);
    if (response.statusCode !== 200) throw new Error(`${path} answered ${String(response.statusCode)}`);
    return response.body;
  }

  /** Its lines, split at `\n`. */
  async *lines(path: string, headers: Readonly<Record<string, string>> = {}): AsyncGenerator<string> {
    let buffer = '';
    for await (const chunk of await this.open(path, headers)) {
      const parts = (buffer + (chunk as Buffer).toString()).split('\n');
      buffer = parts.pop() ?? '';
      yield* parts;
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

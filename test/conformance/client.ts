import { Agent, request } from 'undici';
import type { Fields } from './json.js';
import { WatchStream } from './watch-stream.js';

/** Where an API server is and how to be let in. */
export interface Place {
  readonly url: string;
  readonly ca?: string;
  readonly token?: string;
}

const PATIENCE_MS = 10_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sending {
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly retryAfter: string | undefined;
  /** Parsed JSON, or the text if it is none. */
  readonly body: Fields | string;
}

const JSON_TYPE = 'application/json';

/** Plain HTTP to an API server, the same for a real and for the embedded one; it judges nothing. */
export class Client {
  private readonly dispatcher: Agent;

  constructor(
    private readonly place: Place,
    /** How long the server may stay silent before a case fails. */
    readonly patienceMs = PATIENCE_MS,
  ) {
    this.dispatcher = new Agent({ connect: place.ca === undefined ? {} : { ca: place.ca } });
  }

  async send(method: Method, path: string, { body, headers }: Sending = {}): Promise<Answer> {
    const answer = await request(`${this.place.url}${path}`, {
      dispatcher: this.dispatcher,
      signal: AbortSignal.timeout(this.patienceMs),
      method,
      headers: {
        ...this.headers(),
        ...(body === undefined ? {} : { 'content-type': JSON_TYPE }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const told = answer.headers;
    return {
      status: answer.statusCode,
      contentType: [told['content-type'] ?? ''].flat().join(),
      warnings: [told.warning ?? []].flat(),
      retryAfter: told['retry-after']?.toString(),
      body: parsed(await answer.body.text()),
    };
  }

  /** Opens a watch, whatever it answers. */
  async watch(path: string, accept: string): Promise<WatchStream> {
    const abort = new AbortController();
    const { statusCode, body } = await request(`${this.place.url}${path}`, {
      dispatcher: this.dispatcher,
      headers: { ...this.headers(), accept },
      signal: abort.signal,
    });
    return new WatchStream(statusCode, body, { abort, patienceMs: this.patienceMs });
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private headers(): Record<string, string> {
    const { token } = this.place;
    return {
      'user-agent': 'berth-conformance',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

function parsed(text: string): Fields | string {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return text;
  }
}

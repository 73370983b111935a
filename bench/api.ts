import { Agent, request } from 'undici';

/** One answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A bare HTTP client on one keep-alive pool: as little between the benchmark and the server as can be. */
export class BareClient {
  private readonly agent = new Agent({ connections: 128, bodyTimeout: 0, headersTimeout: 120_000 });

  constructor(readonly baseUrl: string) {}

  async call(path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Answer> {
    const response = await request(`${this.baseUrl}${path}`, {
      dispatcher: this.agent,
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    };
  }

  /** Lines of a response that stays open, split at `\n`. */
  async *lines(path: string, headers: Readonly<Record<string, string>> = {}): AsyncGenerator<string> {
    const response = await request(`${this.baseUrl}${path}`, { dispatcher: this.agent, headers });
    if (response.statusCode !== 200) throw new Error(`${path} answered ${String(response.statusCode)}`);
    let buffer = '';
    for await (const chunk of response.body) {
      const parts = (buffer + (chunk as Buffer).toString()).split('\n');
      buffer = parts.pop() ?? '';
      yield* parts;
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

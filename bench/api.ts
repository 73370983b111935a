import { Agent, request } from 'undici';

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

  constructor(
    readonly baseUrl: string,
    /** At the head of every request's user agent: by it the cluster tells who asked. */
    private readonly who = 'bench',
    connections = 128,
  ) {
    this.agent = new Agent({ connections, bodyTimeout: 0, headersTimeout: 120_000 });
  }

  async call(path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Answer> {
    const response = await request(`${this.baseUrl}${path}`, {
      dispatcher: this.agent,
      method,
      headers: { 'content-type': 'application/json', 'user-agent': `${this.who}/1`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    };
  }

  /** Lines of a response that stays open, split at `\n`. */
  async *lines(path: string, headers: Readonly<Record<string, string>> = {}): AsyncGenerator<string> {
    const options = { dispatcher: this.agent, headers: { 'user-agent': `${this.who}/1`, ...headers } };
    const response = await request(`${this.baseUrl}${path}`, options);
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

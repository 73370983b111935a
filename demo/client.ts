import { Agent, request } from 'undici';
import type { ProgressLine } from './screen.js';

/** An answer that was not what the caller of the API hoped for. */
export class ApiProblem extends Error {
  constructor(
    readonly what: string,
    readonly status: number,
    readonly body: string,
  ) {
    super(`${what} answered ${String(status)}: ${body}`);
  }
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly token: string;
  readonly body?: unknown;
}

/** Speaks to the public HTTP API, as JupyterHub does. */
export class BerthClient {
  private readonly agent = new Agent({ bodyTimeout: 0, headersTimeout: 70_000 });

  constructor(private readonly baseUrl: string) {}

  async create(user: string, token: string, size: string): Promise<number> {
    const body = {
      options: { image_tag: ['recommended'], size: [size] },
      env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_USER: user },
    };
    const { status } = await this.expect(201, `/spawner/v1/labs/${user}/create`, {
      method: 'POST',
      token,
      body,
    });
    return status;
  }

  async status(user: string, token: string): Promise<Record<string, unknown> | undefined> {
    const answer = await this.call(`/spawner/v1/labs/${user}`, { token });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new ApiProblem('GET status', answer.status, answer.text);
    return JSON.parse(answer.text) as Record<string, unknown>;
  }

  async remove(user: string, token: string): Promise<number> {
    const { status } = await this.expect(204, `/spawner/v1/labs/${user}`, { method: 'DELETE', token });
    return status;
  }

  /** Yields the progress stream's events as they arrive, until the server ends the stream. */
  async *progress(user: string, token: string): AsyncGenerator<ProgressLine> {
    const response = await request(`${this.baseUrl}/spawner/v1/labs/${user}/events`, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    if (response.statusCode !== 200) {
      throw new ApiProblem('GET events', response.statusCode, await response.body.text());
    }
    yield* parseEvents(response.body);
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  private async expect(status: number, path: string, call: Call): Promise<{ status: number; text: string }> {
    const answer = await this.call(path, call);
    if (answer.status !== status)
      throw new ApiProblem(`${call.method ?? 'GET'} ${path}`, answer.status, answer.text);
    return answer;
  }

  private async call(
    path: string,
    { method = 'GET', token, body }: Call,
  ): Promise<{ status: number; text: string }> {
    const response = await request(`${this.baseUrl}${path}`, {
      dispatcher: this.agent,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }
}

async function* parseEvents(body: AsyncIterable<Buffer | string>): AsyncGenerator<ProgressLine> {
  const decoder = new TextDecoder();
  let buffer = '';
  let event = '';
  let data = '';
  for await (const chunk of body) {
    buffer += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = buffer.split(/\r?\n/);
    buffer = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('event: ')) event = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
      else if (line === '' && data !== '') {
        const parsed = JSON.parse(data) as { message: string; progress?: number };
        yield { event, message: parsed.message, progress: parsed.progress };
        event = data = '';
      }
    }
  }
}

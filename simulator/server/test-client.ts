import type { Fields } from './objects.js';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; text under `text` when it is none. */
  readonly body: Fields & { metadata: Fields; items: KubeLike[]; details: Fields & { causes: Fields[] } };
}

export interface KubeLike extends Fields {
  metadata: Fields & { name: string; resourceVersion: string; labels?: Record<string, string> };
}

export interface WatchLine {
  readonly type: string;
  readonly object: KubeLike & { code?: number; reason?: string };
}

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** A client for specs: plain HTTP, nothing hidden. */
export class TestClient {
  constructor(readonly url: string) {}

  get(path: string, accept = 'application/json'): Promise<Answered> {
    return this.send('GET', path, undefined, { accept });
  }

  post(path: string, body: object): Promise<Answered> {
    return this.send('POST', path, body);
  }

  put(path: string, body: object): Promise<Answered> {
    return this.send('PUT', path, body);
  }

  delete(path: string, body?: object): Promise<Answered> {
    return this.send('DELETE', path, body);
  }

  patch(kind: keyof typeof PATCH_TYPES, path: string, body: object): Promise<Answered> {
    return this.send('PATCH', path, body, { 'content-type': PATCH_TYPES[kind] });
  }

  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) as Answered['body'] };
  }

  /** A namespace with the service account that pods need. */
  async namespace(name: string): Promise<string> {
    await this.post('/api/v1/namespaces', { metadata: { name } });
    await this.post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
    return `/api/v1/namespaces/${name}`;
  }

  async watch(path: string, accept = 'application/json'): Promise<WatchReader> {
    const abort = new AbortController();
    const response = await fetch(this.url + path, { headers: { accept }, signal: abort.signal });
    return new WatchReader(response, abort);
  }
}

/** Reads a watch line by line. */
export class WatchReader {
  private readonly lines: AsyncGenerator<WatchLine>;

  constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    this.lines = readLines(response);
  }

  /** The next event; undefined when the stream has ended. Rejects when it broke. */
  async next(): Promise<WatchLine | undefined> {
    const step: IteratorResult<WatchLine, unknown> = await this.lines.next();
    return step.done ? undefined : step.value;
  }

  async take(count: number): Promise<WatchLine[]> {
    const taken: WatchLine[] = [];
    while (taken.length < count) {
      const line = await this.next();
      if (!line) return taken;
      taken.push(line);
    }
    return taken;
  }

  close(): void {
    this.abort.abort();
  }
}

async function* readLines(response: Response): AsyncGenerator<WatchLine> {
  const decoder = new TextDecoder();
  let rest = '';
  if (!response.body) return;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield JSON.parse(rest.slice(0, end)) as WatchLine;
      rest = rest.slice(end + 1);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { text };
  }
}

import { randomBytes } from 'node:crypto';
import type { Answer, Client, Method } from './client.js';
import { textAt, type Fields } from './json.js';
import { normalise } from './normalise.js';
import type { WatchEvent, WatchStream } from './watch-stream.js';

/** One thing that a case did or saw, as it is recorded. */
export type Step = Fields;

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const PAUSE_MS = 20;

/** What a case works with: a namespace of its own on some API server, and a record of all that is answered. */
export class Trial {
  private readonly steps: Step[] = [];
  private readonly names = new Map<string, string>();
  private readonly streams: WatchStream[] = [];
  /** Six characters that no other case has; recorded as `<id>`. */
  readonly id = randomBytes(3).toString('hex');

  constructor(private readonly client: Client) {}

  /** A fresh namespace in which pods can be made, recorded as `<name>`. */
  async namespace(name = 'home'): Promise<string> {
    const real = `conf-${name}-${this.id}`;
    this.names.set(real, `<${name}>`);
    await this.make('/api/v1/namespaces', { metadata: { name: real } });
    const account = { metadata: { name: 'default' } };
    // 409: a controller was faster.
    await this.client.send('POST', `/api/v1/namespaces/${real}/serviceaccounts`, { body: account });
    return real;
  }

  /** Records a text that differs from run to run under this name. */
  hide(text: string, shown: string): void {
    if (text !== '') this.names.set(text, shown);
  }

  get(path: string, accept?: string): Promise<Answer> {
    return this.ask('GET', path, undefined, accept === undefined ? {} : { accept });
  }

  post(path: string, body: object | string, headers?: Record<string, string>): Promise<Answer> {
    return this.ask('POST', path, body, headers);
  }

  put(path: string, body: object): Promise<Answer> {
    return this.ask('PUT', path, body);
  }

  patch(kind: PatchKind, path: string, body: object | string): Promise<Answer> {
    return this.ask('PATCH', path, body, { 'content-type': PATCH_TYPES[kind] });
  }

  delete(path: string, body?: object): Promise<Answer> {
    return this.ask('DELETE', path, body);
  }

  /** Sends a request and records its answer. */
  async ask(
    method: Method,
    path: string,
    body?: object | string,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    const answer = await this.client.send(method, path, { body, headers });
    this.record(method, path, answer, answer.body);
    return answer;
  }

  /** Sends a request of which only a part of the answer is recorded: where the rest is known to differ. */
  async askFor(
    part: (body: unknown) => unknown,
    method: Method,
    path: string,
    sending: { body?: object | string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const answer = await this.client.send(method, path, sending);
    this.record(method, path, answer, part(answer.body));
    return answer;
  }

  /** Creates what the case needs, unrecorded; it must succeed. */
  async make(path: string, body: object): Promise<Fields> {
    return this.must('POST', path, body);
  }

  /** Does what the case needs, unrecorded; it must succeed. */
  async must(method: Method, path: string, body?: object, headers?: Record<string, string>): Promise<Fields> {
    const answer = await this.client.send(method, path, { body, headers });
    if (answer.status >= 300 || typeof answer.body === 'string') {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Asks, unrecorded, until the answer is as wanted or patience ends. */
  async until(path: string, isWanted: (answer: Answer) => boolean): Promise<Answer> {
    for (let tries = Math.ceil(this.client.patienceMs / PAUSE_MS); tries > 0; tries--) {
      const answer = await this.client.send('GET', path);
      if (isWanted(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new Error(`GET ${path} never was as wanted`);
  }

  /**
   * Rehearses a creation, unrecorded, until it is refused. Of further quotas of a namespace the real server's admission
   * hears by a watch of its own, a moment after everybody can read them.
   */
  async untilRefused(path: string, body: object): Promise<void> {
    for (let tries = Math.ceil(this.client.patienceMs / PAUSE_MS); tries > 0; tries--) {
      const answer = await this.client.send('POST', `${path}?dryRun=All`, { body });
      if (answer.status === 403) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new Error(`POST ${path} never was refused`);
  }

  /** The version a collection has now, for a watch to begin at. */
  async versionOf(path: string): Promise<string> {
    return textAt(await this.must('GET', path), 'metadata', 'resourceVersion');
  }

  async watch(path: string, accept = 'application/json'): Promise<WatchStream> {
    const stream = await this.client.watch(path, accept);
    this.streams.push(stream);
    return stream;
  }

  /** Records a finding under a name. */
  note(what: string, finding: unknown): void {
    this.steps.push({ [what]: finding });
  }

  /** Records events whole. */
  noteEvents(what: string, events: readonly WatchEvent[]): void {
    this.note(
      what,
      events.map(({ type, object }) => ({ type, object })),
    );
  }

  /** Ends all watches and answers what was recorded, comparable. */
  finish(): unknown {
    this.close();
    const names = new Map([...this.names, [this.id, '<id>']]);
    return normalise(this.steps, names);
  }

  close(): void {
    for (const stream of this.streams) stream.close();
  }

  private record(method: Method, path: string, answer: Answer, body: unknown): void {
    const { status, contentType, warnings, retryAfter } = answer;
    this.steps.push({
      request: `${method} ${decodeURIComponent(path)}`,
      status,
      ...(contentType === 'application/json' ? {} : { contentType }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      body,
    });
  }
}

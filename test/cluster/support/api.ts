import { Agent, request } from 'undici';
import type { SharedCluster } from './shared-cluster.js';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  /** The `Warning` headers, as they came. */
  readonly warnings: readonly string[];
}

/** The fields that specs look at; the rest of an object is read by `toMatchObject`. */
export interface Thing {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The error body of the API ("Status"). */
export interface Refusal {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly reason: string; readonly message: string }[] };
}

export type JsonPatch = readonly { op: string; path: string; value?: unknown }[];

/** The bare API of the real server, as one user; it says what was answered and judges nothing. */
export class Api {
  private readonly dispatcher: Agent;

  constructor(
    private readonly cluster: SharedCluster,
    private readonly user = 'admin',
    private readonly userAgent = 'berth-cluster-specs',
  ) {
    this.dispatcher = new Agent({ connect: { ca: cluster.ca } });
  }

  get<T = Thing>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path);
  }

  create<T = Thing>(path: string, body: object): Promise<Answer<T>> {
    return this.send<T>('POST', path, body);
  }

  patch<T = Thing>(path: string, body: JsonPatch): Promise<Answer<T>> {
    return this.send<T>('PATCH', path, body, 'application/json-patch+json');
  }

  merge<T = Thing>(path: string, body: object): Promise<Answer<T>> {
    return this.send<T>('PATCH', path, body, 'application/merge-patch+json');
  }

  replace<T = Thing>(path: string, body: object): Promise<Answer<T>> {
    return this.send<T>('PUT', path, body);
  }

  remove<T = Thing>(path: string, options: object = {}): Promise<Answer<T>> {
    return this.send<T>('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', ...options });
  }

  /** Creates what must be creatable. */
  async make(path: string, body: object): Promise<Thing> {
    const answer = await this.create(path, body);
    if (answer.status !== 201)
      throw new Error(`POST ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Asks until the answer is as wanted; the spec's own time limit ends it. */
  async eventually<T = Thing>(path: string, isWanted: (answer: Answer<T>) => boolean): Promise<Answer<T>> {
    for (;;) {
      const answer = await this.get<T>(path);
      if (isWanted(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  private async send<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    type = 'application/json',
  ): Promise<Answer<T>> {
    const answer = await request(`${this.cluster.url}${path}`, {
      dispatcher: this.dispatcher,
      method,
      headers: {
        'user-agent': this.userAgent,
        authorization: `Bearer ${this.cluster.users[this.user] ?? ''}`,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const warnings = [answer.headers.warning ?? []].flat();
    return { status: answer.statusCode, body: JSON.parse(await answer.body.text()) as T, warnings };
  }
}

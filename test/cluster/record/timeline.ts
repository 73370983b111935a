import { Agent, request } from 'undici';
import { textAt, type Fields } from '../../conformance/json.js';
import { linesOf } from '../../conformance/watch-stream.js';
import type { SharedCluster } from '../support/shared-cluster.js';

/** One thing that the API server said, in the order of its arrival. */
export interface Sighting {
  /** Milliseconds since the case began. */
  readonly at: number;
  /** A watch event's type; `REFUSED` for the `Status` with which a write was answered. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'REFUSED';
  readonly object: Fields;
}

/** What is watched in a case's namespace. */
const WATCHED = ['pods', 'events', 'persistentvolumeclaims'];

/** How long evidence may take on a busy machine. */
const PATIENCE_MS = 120_000;

/** Everything that is seen of one namespace, from its beginning. */
export class Timeline {
  readonly sightings: Sighting[] = [];
  private readonly began = performance.now();
  private readonly abort = new AbortController();
  private readonly dispatcher: Agent;
  private waiting: (() => void)[] = [];
  private readonly readers: Promise<void>[];

  /** `nodeName`: watch this node too, and the events about it. */
  constructor(
    private readonly cluster: SharedCluster,
    namespace: string,
    nodeName?: string,
  ) {
    this.dispatcher = new Agent({ bodyTimeout: 0, connect: { ca: cluster.ca } });
    const paths = WATCHED.map((each) => `/api/v1/namespaces/${namespace}/${each}?watch=1`);
    if (nodeName !== undefined) {
      const about = encodeURIComponent(`involvedObject.name=${nodeName}`);
      paths.push(`/api/v1/nodes?watch=1&fieldSelector=metadata.name%3D${nodeName}`);
      paths.push(`/api/v1/namespaces/default/events?watch=1&fieldSelector=${about}`);
    }
    this.readers = paths.map((path) => this.read(path));
  }

  add(type: Sighting['type'], object: Fields): void {
    this.sightings.push({ at: Math.round(performance.now() - this.began), type, object: trimmed(object) });
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Resolves with the first sighting, past or future, that is wanted; throws what was seen instead. */
  async until(isWanted: (sighting: Sighting) => boolean): Promise<Sighting> {
    const limit = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.sightings.find(isWanted);
      if (found) return found;
      if (performance.now() > limit) throw new Error(`not seen in time; last seen:\n${this.lastWords()}`);
      await this.next(limit - performance.now());
    }
  }

  /** Resolves with the next sighting, whatever it is, and when the time is up. */
  private async next(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
      this.waiting.push(resolve);
    });
    clearTimeout(timer);
  }

  private lastWords(): string {
    const words = this.sightings.map(({ type, object }) => {
      const said = ['kind', 'reason', 'message'].map((field) => textAt(object, field));
      return [type, ...said, JSON.stringify(object.status ?? '')].join(' ').slice(0, 600);
    });
    return words.slice(-8).join('\n');
  }

  async close(): Promise<void> {
    this.abort.abort();
    await Promise.allSettled(this.readers);
    await this.dispatcher.destroy();
  }

  private async read(path: string): Promise<void> {
    const { url, users } = this.cluster;
    const headers = { authorization: `Bearer ${users.admin ?? ''}` };
    const { dispatcher, abort } = this;
    try {
      const answer = await request(`${url}${path}`, { dispatcher, headers, signal: abort.signal });
      for await (const { type, object } of linesOf(answer.body)) this.add(type as Sighting['type'], object);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  }
}

/** Who wrote which field is of no use to a reader, and half of the bytes. */
function trimmed(object: Fields): Fields {
  const { managedFields: _, ...metadata } = (object.metadata ?? {}) as Fields;
  const { images: __, ...status } = (object.status ?? {}) as Fields;
  const isNode = textAt(object, 'kind') === 'Node';
  return {
    ...object,
    ...('metadata' in object ? { metadata } : {}),
    ...(isNode ? { status: { ...status, images: [] } } : {}),
  };
}

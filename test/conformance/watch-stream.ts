import type { Readable } from 'node:stream';
import { textAt, type Fields } from './json.js';

export interface WatchEvent {
  readonly type: string;
  readonly object: Fields;
}

interface Reading {
  readonly abort: AbortController;
  /** How long to wait for one event before the wait counts as failed. */
  readonly patienceMs: number;
}

/** One open watch, read event by event. */
export class WatchStream {
  private readonly lines: AsyncIterator<WatchEvent>;

  constructor(
    readonly status: number,
    body: Readable,
    private readonly reading: Reading,
  ) {
    this.lines = linesOf(body);
  }

  /** The events up to the first that is wanted, that one included; all until the end if none is. */
  async until(isWanted: (event: WatchEvent) => boolean): Promise<readonly WatchEvent[]> {
    const seen: WatchEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (!event) return seen;
      seen.push(event);
      if (isWanted(event)) return seen;
    }
  }

  /** The events up to the one of this type about the object of this name. */
  upTo(type: string, name: string): Promise<readonly WatchEvent[]> {
    return this.until((event) => event.type === type && textAt(event.object, 'metadata', 'name') === name);
  }

  /** Everything until the server ends the stream. */
  toEnd(): Promise<readonly WatchEvent[]> {
    return this.until(() => false);
  }

  close(): void {
    this.reading.abort.abort();
  }

  private async next(): Promise<WatchEvent | undefined> {
    const { abort, patienceMs } = this.reading;
    const timer = setTimeout(() => abort.abort(new Error('the watch stays silent')), patienceMs);
    try {
      const step = await this.lines.next();
      return step.done === true ? undefined : step.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

export async function* linesOf(body: Readable): AsyncGenerator<WatchEvent> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const chunk of body as AsyncIterable<string>) {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield JSON.parse(rest.slice(0, end)) as WatchEvent;
      rest = rest.slice(end + 1);
    }
  }
}

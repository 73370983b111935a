import { Agent, request } from 'undici';

/** One event of a stream, with the exact bytes that carried it. */
export interface WireEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly message: string;
  readonly progress: number | undefined;
  readonly raw: string;
}

export interface Reading {
  readonly events: WireEvent[];
  /** Resolves when the stream ended: true if the server ended it cleanly, false if the connection broke. */
  readonly ended: Promise<boolean>;
  cancel(): void;
}

export interface ReadOptions {
  readonly url: string;
  readonly token: string;
  readonly lastEventId?: string | undefined;
  readonly onEvent?: (event: WireEvent) => void;
}

/** Opens a progress stream and collects its events; only an event whose blank line has arrived counts. */
export async function readStream({ url, token, lastEventId, onEvent }: ReadOptions): Promise<Reading> {
  const abort = new AbortController();
  const dispatcher = new Agent({ bodyTimeout: 0 });
  const response = await request(url, {
    dispatcher,
    signal: abort.signal,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (response.statusCode !== 200) {
    throw new Error(`events answered ${String(response.statusCode)}: ${await response.body.text()}`);
  }
  const events: WireEvent[] = [];
  const consume = async (): Promise<boolean> => {
    let buffer = '';
    try {
      for await (const chunk of response.body) {
        buffer += (chunk as Buffer).toString();
        const blocks = buffer.split('\r\n\r\n');
        buffer = blocks.pop() ?? '';
        const arrived = blocks.map(parseBlock).filter((block) => block !== undefined);
        events.push(...arrived);
        if (onEvent) arrived.forEach(onEvent);
      }
      return true;
    } catch {
      return false;
    } finally {
      await dispatcher.destroy();
    }
  };
  return {
    events,
    ended: consume(),
    cancel: () => {
      abort.abort();
    },
  };
}

function parseBlock(block: string): WireEvent | undefined {
  const lines = block.split('\r\n').filter((line) => line !== '' && !line.startsWith(':'));
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field('data');
  if (data === undefined) return undefined;
  const { message, progress } = JSON.parse(data) as { message: string; progress?: number };
  return { id: field('id'), event: field('event') ?? '', message, progress, raw: lines.join('\r\n') };
}

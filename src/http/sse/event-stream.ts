import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Clock } from '../../common/clock.js';
import { Log } from '../../common/logger.js';
import { AppSettings } from '../../config/index.js';
import { Requests } from '../server/requests.js';
import { KeepAlives } from './keep-alives.js';
import { StreamReader } from './stream-reader.js';
import type { StreamEvent } from './wire.js';

/** Where a stream's events come from. */
export interface EventSource {
  events(): AsyncIterable<StreamEvent>;
  /** The reader left: the events end. Idempotent. */
  close(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** Serves event streams on the raw response: Nest's own knows neither our line ends, nor comments, nor our shutdown. */
@Injectable()
export class EventStreams {
  private readonly readers = new Set<StreamReader>();
  private readonly keepAlives: KeepAlives;

  constructor(
    private readonly clock: Clock,
    private readonly requests: Requests,
    private readonly log: Log,
    settings: AppSettings,
  ) {
    this.keepAlives = new KeepAlives(clock, settings.berth.streams.keepAlive);
    requests.cut.addEventListener('abort', () => {
      for (const reader of this.readers) reader.leave();
    });
  }

  /** How many streams are open. */
  get open(): number {
    return this.readers.size;
  }

  /**
   * Answers 200 with headers and a first comment at once, then every event of `source`. It ends with its source, when
   * the reader leaves, and cleanly, with no event of its own, when the process ends. Nobody is to wait for that: what
   * holds the framework's part of a request would be held as long as the stream.
   */
  serve(reply: FastifyReply, source: EventSource): void {
    const headers = reply.getHeaders();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...(headers as Record<string, string>), ...HEADERS });
    const reader: StreamReader = new StreamReader(raw, {
      clock: this.clock,
      keepAlives: this.keepAlives,
      onLeave: () => {
        this.readers.delete(reader);
        source.close();
      },
    });
    this.readers.add(reader);
    // Whoever left while their events were looked for is not heard leaving any more.
    if (raw.destroyed || this.requests.cut.aborted) reader.leave();
    void this.follow(reader, source, reply.request.id);
  }

  private async follow(reader: StreamReader, source: EventSource, requestId: string): Promise<void> {
    try {
      await reader.follow(source.events());
    } catch (error) {
      this.log.error('event stream broke off', { requestId, error });
    } finally {
      reader.end();
    }
  }
}

import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { onAbort } from '../../common/aborting.js';
import { Clock } from '../../common/clock.js';
import { Log } from '../../common/logger.js';
import type { Millis } from '../../common/units.js';
import { STREAM_STALLED } from '../limits.js';
import { AppSettings } from '../../config/index.js';
import { Requests } from '../server/requests.js';
import { printComment, printEvent } from './wire.js';
import type { StreamEvent } from './wire.js';

/** Where a stream's events come from. */
export interface EventSource {
  events(): AsyncIterable<StreamEvent>;
  /** The reader left. Idempotent. */
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
  private streams = 0;

  constructor(
    private readonly clock: Clock,
    private readonly requests: Requests,
    private readonly log: Log,
    private readonly settings: AppSettings,
  ) {}

  /** How many streams are open. */
  get open(): number {
    return this.streams;
  }

  /**
   * Answers 200 with headers and a first comment at once, then every event of `source`; resolves when the stream has
   * ended. It ends with its source, when the reader leaves, and cleanly, with no event of its own, when the process ends.
   */
  async serve(reply: FastifyReply, source: EventSource): Promise<void> {
    const headers = reply.getHeaders();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...(headers as Record<string, string>), ...HEADERS });
    const reader = new Reader(raw, {
      clock: this.clock,
      keepAlive: this.settings.berth.streams.keepAlive,
      onLeave: () => source.close(),
    });
    this.streams += 1;
    const stay = onAbort(this.requests.cut, () => reader.leave());
    try {
      await reader.follow(source.events());
    } catch (error) {
      this.log.error('event stream broke off', { requestId: reply.request.id, error });
    } finally {
      stay();
      this.streams -= 1;
      reader.end();
    }
  }
}

interface ReaderOptions {
  readonly clock: Clock;
  /** Between comments on a stream. */
  readonly keepAlive: Millis;
  readonly onLeave: () => void;
}

/** Node makes an exception with a stack trace for each abort without a reason; every stream ends by one. */
const GONE = 'the reader left';

/** One open stream: writes no faster than its reader reads. */
class Reader {
  private readonly left = new AbortController();
  private stopKeepAlive: () => void = () => undefined;
  private full = false;

  constructor(
    private readonly raw: ServerResponse,
    private readonly options: ReaderOptions,
  ) {
    raw.once('close', () => this.leave());
    raw.on('error', () => this.leave());
    raw.on('drain', () => (this.full = false));
    this.write(printComment('berth'));
    this.keepAlive();
  }

  /** The reader has gone, or must go. */
  leave(): void {
    if (this.left.signal.aborted) return;
    this.left.abort(GONE);
    this.options.onLeave();
  }

  async follow(events: AsyncIterable<StreamEvent>): Promise<void> {
    const iterator = events[Symbol.asyncIterator]();
    const gone = this.gone();
    for (;;) {
      const next = await Promise.race([iterator.next(), gone]);
      if (next === undefined || next.done === true) return;
      this.write(printEvent(next.value));
      if (this.full && !(await this.drained())) return;
    }
  }

  end(): void {
    this.leave();
    this.stopKeepAlive();
    if (!this.raw.destroyed) this.raw.end();
  }

  private write(text: string): void {
    if (this.raw.destroyed || this.raw.writableEnded) return;
    this.full = !this.raw.write(text);
  }

  private gone(): Promise<undefined> {
    const { signal } = this.left;
    return new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  /** Nothing is added to a full buffer; a reader that leaves it full has died without saying so. */
  private async drained(): Promise<boolean> {
    const stalled = await new Promise<boolean>((resolve) => {
      const settle = (isStalled: boolean) => (): void => {
        cancel();
        this.raw.off('drain', onDrain);
        this.left.signal.removeEventListener('abort', onDrain);
        resolve(isStalled);
      };
      const cancel = this.options.clock.after(STREAM_STALLED, settle(true));
      const onDrain = settle(false);
      this.raw.once('drain', onDrain);
      this.left.signal.addEventListener('abort', onDrain, { once: true });
    });
    if (stalled) this.raw.destroy();
    return !stalled && !this.left.signal.aborted;
  }

  private keepAlive(): void {
    const { clock, keepAlive } = this.options;
    this.stopKeepAlive = clock.after(keepAlive, () => {
      if (!this.full) this.write(printComment(`ping - ${new Date(clock.now()).toISOString()}`));
      this.keepAlive();
    });
  }
}

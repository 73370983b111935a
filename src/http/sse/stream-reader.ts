import type { ServerResponse } from 'node:http';
import type { Clock } from '../../common/clock.js';
import { STREAM_STALLED } from '../limits.js';
import type { KeepAlives, Speaker } from './keep-alives.js';
import { printComment, printEvent } from './wire.js';
import type { StreamEvent } from './wire.js';

export interface ReaderOptions {
  readonly clock: Clock;
  readonly keepAlives: KeepAlives;
  readonly onLeave: () => void;
}

/** One open stream: writes no faster than its reader reads. There are thousands: it keeps as little as it can. */
export class StreamReader implements Speaker {
  private hasLeft = false;
  private full = false;
  private goOn: (() => void) | undefined;

  constructor(
    private readonly raw: ServerResponse,
    private readonly options: ReaderOptions,
  ) {
    const leave = (): void => this.leave();
    raw.once('close', leave);
    raw.on('error', leave);
    raw.on('drain', () => this.drained());
    this.begin();
  }

  /** The reader has gone, or must go. */
  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.options.keepAlives.forget(this);
    this.options.onLeave();
    this.goOn?.();
  }

  /** Resolves when `events` have ended, as they also do when the reader leaves. */
  async follow(events: AsyncIterable<StreamEvent>): Promise<void> {
    for await (const event of events) {
      this.write(printEvent(event));
      if (this.full) await this.space();
      if (this.hasLeft) return;
    }
  }

  end(): void {
    this.leave();
    if (!this.raw.destroyed) this.raw.end();
  }

  remind(): void {
    const time = new Date(this.options.clock.now()).toISOString();
    if (!this.full) this.write(printComment(`ping - ${time}`));
  }

  /** In one packet; the headers by themselves, as Node else keeps the dozens of pieces they are made of, 2 KiB a stream. */
  private begin(): void {
    this.raw.cork();
    this.raw.flushHeaders();
    this.write(printComment('berth'));
    this.raw.uncork();
  }

  private write(text: string): void {
    if (this.hasLeft || this.raw.destroyed || this.raw.writableEnded) return;
    this.full = !this.raw.write(text);
    this.options.keepAlives.spoke(this);
  }

  private drained(): void {
    this.full = false;
    this.goOn?.();
  }

  /** Nothing is added to a full buffer; a reader that leaves it full has died without saying so. */
  private space(): Promise<void> {
    if (this.hasLeft) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(STREAM_STALLED, () => this.raw.destroy());
      this.goOn = () => {
        this.goOn = undefined;
        cancel();
        resolve();
      };
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { LeaseFile } from './lease-file.js';
import type { LeaseRecord } from './lease-record.js';

/** How long a leader that stops tries to hand the lease over. */
const RELEASE_WITHIN = millis(3000);

/**
 * Whether this process leads, decided by one Lease.
 *
 * Promises: two processes whose clocks run at about the same speed do not lead at the same time; wall clocks do not
 * matter. A follower takes the lease only after it saw it unchanged, on its own monotonic clock, for as long as its
 * holder promised. The leader counts from the moment it *sent* its last successful renewal and stops leading when the
 * renew deadline has passed, which is earlier than that by more than the longest call, so that its last write has ended.
 * Caveat: a write already at the API server cannot be called back; it must do no harm by itself (UIDs, tests).
 */
@Injectable()
export class Leadership {
  private readonly listeners = new Set<(leading: boolean) => void>();
  private readonly controller = new AbortController();
  private running: Promise<void> | undefined;
  private isLeading = false;
  /** The last request failed, and that was told: an outage is asked through every few seconds. */
  private isUnheard = false;
  private held: LeaseRecord | undefined;
  /** The lease as we saw it last, and when it may be taken if nobody renews it. */
  private seen: { readonly mark: string; readonly freeAt: number } | undefined;
  private cancelDeadline: (() => void) | undefined;

  constructor(
    private readonly file: LeaseFile,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get leading(): boolean {
    return this.isLeading;
  }

  /** Calls back when we begin and when we cease to lead. */
  onChange(listener: (leading: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  start(): void {
    this.running ??= this.run(this.controller.signal);
  }

  /** Ceases to lead at once, then hands the lease over. Drain what writes before calling it. Never rejects. */
  async stop(): Promise<void> {
    this.controller.abort();
    await this.running;
    const { held } = this;
    this.follow('stopped');
    if (!held) return;
    const limit = new AbortController();
    const cancel = this.clock.after(RELEASE_WITHIN, () => limit.abort());
    try {
      await this.handOver(held, limit.signal);
    } catch (error) {
      this.log.warn('lease not handed over', { error });
    } finally {
      cancel();
    }
  }

  /** A renewal that was cut off may have been made all the same: then what we hold is old, and the holder tells. */
  private async handOver(held: LeaseRecord, signal: AbortSignal): Promise<void> {
    let record: LeaseRecord | undefined = held;
    while (record && this.isOurs(record) && !(await this.file.release(record, signal)))
      record = await this.file.read(signal);
  }

  /**
   * Resolves once nobody has held the lease for as long as it lasts, so that whoever follows had time to take it. For a
   * process that has stopped. Does not count while the API server does not answer. Never rejects.
   */
  async abandoned(signal: AbortSignal): Promise<void> {
    const { duration, lookEvery } = this.file.settings;
    let since: number | undefined;
    while (!signal.aborted) {
      const now = this.clock.monotonic();
      since = (await this.isUnheld(signal)) ? (since ?? now) : undefined;
      if (since !== undefined && now - since >= duration) return;
      await this.clock.sleep(lookEvery, signal);
    }
  }

  private async isUnheld(signal: AbortSignal): Promise<boolean> {
    try {
      const record = await this.file.read(signal);
      return record === undefined || this.isUnclaimed(record);
    } catch {
      return false;
    }
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { renewEvery } = this.file.settings;
    while (!signal.aborted) {
      try {
        await (this.held ? this.renew(this.held, signal) : this.look(signal));
        this.isUnheard = false;
      } catch (error) {
        this.onFailure(error);
      }
      await this.clock.sleep(this.isLeading ? renewEvery : this.untilNextLook(), signal);
    }
  }

  /** A lease that nobody renews is taken when it ends, not at the look after that. */
  private untilNextLook(): Millis {
    const { lookEvery } = this.file.settings;
    const left = Math.ceil((this.seen?.freeAt ?? 0) - this.clock.monotonic());
    return left > 0 && left < lookEvery ? millis(left) : lookEvery;
  }

  private onFailure(error: unknown): void {
    if (this.controller.signal.aborted) return;
    const fields = { leading: this.isLeading, error };
    if (this.isUnheard) this.log.debug('lease request failed again', fields);
    else this.log.warn('lease request failed', fields);
    this.isUnheard = true;
  }

  private async renew(held: LeaseRecord, signal: AbortSignal): Promise<void> {
    const sentAt = this.clock.monotonic();
    const renewed = await this.file.renew(held, signal);
    if (renewed) this.lead(renewed, sentAt);
    else await this.reread(signal);
  }

  /** Our own renewal, whose answer was lost, changes the lease too: the holder tells. */
  private async reread(signal: AbortSignal): Promise<void> {
    const sentAt = this.clock.monotonic();
    const record = await this.file.read(signal);
    if (record && this.isOurs(record) && this.isLeading) {
      const renewed = await this.file.renew(record, signal);
      if (renewed) this.lead(renewed, sentAt);
    } else this.follow('taken by another');
  }

  private async look(signal: AbortSignal): Promise<void> {
    const sentAt = this.clock.monotonic();
    const record = await this.file.read(signal);
    if (!record) {
      // Deleted by somebody: its holder, who makes it again, learns that only when it renews.
      if (this.isHeldYet()) return;
      const created = await this.file.create(signal);
      if (created) this.lead(created, sentAt);
      return;
    }
    if (!this.isFree(record)) return;
    const takenAt = this.clock.monotonic();
    const taken = await this.file.take(record, signal);
    if (taken) this.lead(taken, takenAt);
  }

  private isFree(record: LeaseRecord): boolean {
    // Ours: we had lost touch, and nobody took it meanwhile. No other life of this process has our identity.
    return this.isOurs(record) || this.isUnclaimed(record);
  }

  private isOurs(record: LeaseRecord): boolean {
    return record.holder === this.file.settings.identity;
  }

  /** By whomever held the lease when we saw it last. */
  private isHeldYet(): boolean {
    return this.seen !== undefined && this.clock.monotonic() < this.seen.freeAt;
  }

  /** What any other process would say that looks as often as we do. */
  private isUnclaimed(record: LeaseRecord): boolean {
    if (record.holder === '') return true;
    const now = this.clock.monotonic();
    const promised = record.durationSeconds > 0 ? record.durationSeconds * 1000 : this.file.settings.duration;
    if (this.seen?.mark !== record.mark) this.seen = { mark: record.mark, freeAt: now + promised };
    return now >= this.seen.freeAt;
  }

  private lead(record: LeaseRecord, since: number): void {
    const left = since + this.file.settings.renewDeadline - this.clock.monotonic();
    if (left <= 0 || this.controller.signal.aborted) {
      this.held = record;
      if (left <= 0) this.follow('renewed too late');
      return;
    }
    this.held = record;
    this.seen = undefined;
    this.cancelDeadline?.();
    this.cancelDeadline = this.clock.after(left as Millis, () => this.follow('renew deadline passed'));
    if (this.isLeading) return;
    this.isLeading = true;
    this.log.info('leading', { identity: record.holder });
    this.tell();
  }

  private follow(reason: string): void {
    this.cancelDeadline?.();
    this.cancelDeadline = undefined;
    this.held = undefined;
    if (!this.isLeading) return;
    this.isLeading = false;
    if (this.controller.signal.aborted) this.log.info('no longer leading', { reason });
    else this.log.warn('no longer leading', { reason });
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) {
      try {
        listener(this.isLeading);
      } catch (error) {
        this.log.error('leadership listener failed', { error });
      }
    }
  }
}

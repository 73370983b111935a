import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { later } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { LeaseNotes } from '../kubernetes/index.js';
import { COUNTED_FOR, stopOf, withRemoval, withResumption, withStop } from './removal-brake.policy.js';
import type { RemovalStop } from './removal-brake.policy.js';

/**
 * Counts removals that nobody asked for, and stops them when they are too many within an hour to be believed, or when
 * somebody else is at work. The count and the stop are kept on the Lease: a restart or another leader changes nothing.
 */
@Injectable()
export class RemovalBrake {
  private readonly listeners = new Set<() => void>();
  /** Removals that are counted, and when they were; for as long as the Lease keeps the count. */
  private readonly counted = new Map<string, Instant>();
  private told: RemovalStop['reason'] | undefined;

  constructor(
    private readonly notes: LeaseNotes,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    notes.onChange(() => this.tell());
  }

  /** Why nothing is removed unasked; undefined while removals are free. Costs no request. */
  get stop(): RemovalStop | undefined {
    return stopOf(this.notes.seen);
  }

  /** Calls back when removals may go on; the returned function ends it. */
  onResume(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * True, and counted, if one more removal among `total` labs is believable. Counted before it is made, so that none is
   * forgotten by a crash; and once, however often it is tried. `removal` says which it is.
   * @throws {KubernetesError}
   */
  async permits(removal: string, total: number, signal: AbortSignal): Promise<boolean> {
    if (this.stop) return false;
    const now = this.clock.now();
    this.forgetBefore(now);
    if (this.counted.has(removal)) return true;
    if (stopOf(await this.notes.change((notes) => withRemoval(notes, total, now), signal))) return false;
    this.counted.set(removal, now);
    return true;
  }

  /** Stops removals for another reason than their number. @throws {KubernetesError} */
  async pull(reason: RemovalStop['reason'], evidence: string): Promise<void> {
    const since = new Date(this.clock.now()).toISOString();
    await this.notes.change((notes) => withStop(notes, { reason, evidence, since }));
  }

  /** An operator's word: what stopped removals is over. What did, if anything. @throws {KubernetesError} */
  async resume(): Promise<RemovalStop | undefined> {
    let stopped: RemovalStop | undefined;
    await this.notes.change((notes) => {
      stopped = stopOf(notes);
      return withResumption(this.clock.now());
    });
    return stopped;
  }

  private forgetBefore(now: Instant): void {
    for (const [removal, at] of this.counted) if (later(at, COUNTED_FOR) <= now) this.counted.delete(removal);
  }

  private tell(): void {
    const { stop } = this;
    if (stop?.reason === this.told) return;
    this.told = stop?.reason;
    if (stop) {
      const { reason, evidence, since } = stop;
      this.log.error('removals are stopped until berth resume-removals', { reason, evidence, since });
      return;
    }
    this.log.warn('removals go on');
    for (const listener of this.listeners) listener();
  }
}

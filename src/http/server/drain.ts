import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Log } from '../../common/logger.js';
import { AppSettings } from '../../config/index.js';
import { Requests } from './requests.js';

/**
 * The step between "our own work stops" (`onModuleDestroy`) and "the server closes": callers that wait are served,
 * fed by informers that still run (`onApplicationShutdown` stops those).
 */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly steps: (() => Promise<void>)[] = [];
  private readonly ends: ((signal: AbortSignal) => Promise<void>)[] = [];

  constructor(
    private readonly requests: Requests,
    private readonly settings: AppSettings,
    private readonly log: Log,
  ) {}

  /** Does this after the rooms have stopped and before anybody is waited for. */
  first(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Waiting is over when this resolves: what callers wait for can't come any more. Must not reject. */
  unless(isHopeless: (signal: AbortSignal) => Promise<void>): void {
    this.ends.push(isHopeless);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const step of this.steps) await step();
    const { waiting } = this.requests;
    this.log.info('draining', { waiting, longestMs: this.settings.berth.drain });
    const hopeless = new AbortController();
    const over = new AbortController();
    for (const end of this.ends) void end(over.signal).then(() => hopeless.abort());
    await this.requests.drain(this.settings.berth.drain, hopeless.signal);
    over.abort();
    if (this.requests.cut.aborted) this.log.warn('callers were cut off', { waiting: this.requests.waiting });
  }
}
